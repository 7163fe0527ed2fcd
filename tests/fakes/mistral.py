"""A fake of the Mistral API: the documented wire format, and every fault a provider can have."""

from tests.fakes.server import Call, FakeServer, Script, serve

__all__ = ["Call", "FakeMistral", "Script"]


class FakeMistral(FakeServer):
    name = "Mistral"


if __name__ == "__main__":
    serve(FakeMistral)
