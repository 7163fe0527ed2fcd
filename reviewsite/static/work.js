// Solves the server's proof of work. Fetched when a form asks for one (site.js), and by nothing else.
//
// A form with `data-work` (the challenge, JSON) has a hidden field `work` for the answer. With
// `data-work-now` it begins at once and sends itself; without, it begins when somebody has typed.

// SHA-256 of our own: SubtleCrypto is missing on plain http, and its promises cost twenty times the hash.
const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const schedule = new Int32Array(64);
const hash = new Int32Array(8);

// Salt, nonce and counter are 36 bytes, so one block holds them with SHA-256's own padding.
export function hashOf(block) {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = block[i];
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = START[0] | 0, b = START[1] | 0, c = START[2] | 0, d = START[3] | 0;
  let e = START[4] | 0, f = START[5] | 0, g = START[6] | 0, h = START[7] | 0;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  hash[0] = a + START[0]; hash[1] = b + START[1]; hash[2] = c + START[2]; hash[3] = d + START[3];
  hash[4] = e + START[4]; hash[5] = f + START[5]; hash[6] = g + START[6]; hash[7] = h + START[7];
  return hash;
}

const wordsOf = (hex) => hex.match(/.{8}/g).map((word) => parseInt(word, 16) | 0);
const hexOf = (words) => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

// Calls `pause` every few milliseconds with how far it is, 0 to 1; stops when that answers false.
export async function solve(challenge, pause) {
  const { salt, nonce, keyPrefix, algorithm, cost, data } = challenge.parameters;
  if (algorithm !== "SHA-256" || cost !== 1 || salt.length + nonce.length !== 64) return null;
  const block = new Int32Array(16);
  block.set(wordsOf(salt + nonce));
  block[9] = 0x80000000;
  block[15] = 36 * 8;
  const wanted = wordsOf(keyPrefix);
  for (let counter = 0, until = performance.now() + 12; counter < data.most; counter++) {
    block[8] = counter;
    const found = hashOf(block);
    if (found[0] === wanted[0] && wanted.every((word, at) => found[at] === word)) {
      return { counter, derivedKey: hexOf(found) };
    }
    if ((counter & 1023) === 1023 && performance.now() > until) {
      if (!(await pause(counter / data.most))) return null;
      until = performance.now() + 12;
    }
  }
  return null;
}

// Lets the page paint and listen. Timers would do, but wait 4 ms each, and a second in the background.
const breath = () => new Promise((go) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { channel.port1.close(); go(); };
  channel.port2.postMessage(null);
});

async function work(form) {
  const challenge = JSON.parse(form.dataset.work);
  const said = form.querySelector("[data-work-said]");
  const meter = form.querySelector("progress");
  const cancel = form.querySelector("[data-work-cancel]");
  let wanted = true;
  if (said) said.textContent = said.dataset.workSaid;
  if (meter) meter.hidden = false;
  if (cancel) {
    cancel.hidden = false;
    cancel.addEventListener("click", () => { wanted = false; });
  }
  const solution = await solve(challenge, async (share) => {
    if (meter) meter.value = share;
    await breath();
    return wanted && form.isConnected;
  });
  if (meter) meter.hidden = true;
  if (cancel) cancel.hidden = true;
  if (!form.isConnected) return;
  if (!solution) {
    if (said) said.textContent = said.dataset.workStopped;
    return;
  }
  form.elements.work.value = btoa(JSON.stringify({ challenge, solution }));
  if ("workNow" in form.dataset) form.requestSubmit();
  else if (said) said.textContent = "";
}

export function begin(form) {
  if (form.dataset.workBegun) return;
  form.dataset.workBegun = "yes";
  // Text may stand there before this file does: typed meanwhile, refused once, or brought back by the browser.
  if ("workNow" in form.dataset || form.querySelector("textarea")?.value) work(form);
  else form.addEventListener("input", () => work(form), { once: true });
}
