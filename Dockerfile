# One image for web, worker, ticker and beat; which of them a container is, its command says.
# To build the same image twice, pin the base by its digest: FROM python:3.12-slim@sha256:…
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements/production.txt /requirements.txt
# Wheels only: nothing of a dependency runs while it is installed.
RUN python -m venv /venv && \
    /venv/bin/python -m pip install --require-hashes --only-binary :all: -r /requirements.txt && \
    /venv/bin/python -m compileall -q /venv/lib
WORKDIR /site
COPY manage.py ./
COPY reviewsite reviewsite
COPY comparisons comparisons
COPY panel panel
COPY templates templates
COPY docs/api.md docs/api.md
# Hashed and compressed here, so that an image serves what its own templates name. The key signs nothing.
RUN SECRET_KEY=for-this-one-command STATIC_ROOT=/site/static DATA_DIR=/tmp \
    /venv/bin/python manage.py collectstatic --noinput --verbosity=0 && \
    /venv/bin/python -m compileall -q /site

FROM python:3.12-slim
ARG VERSION=dev
LABEL org.opencontainers.image.title="Second Opinion" \
      org.opencontainers.image.description="A generator of model comparison review sites" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
RUN groupadd --system --gid 10001 site && \
    useradd --system --uid 10001 --gid site --home-dir /data --no-create-home --shell /usr/sbin/nologin site && \
    install -d -o site -g site /data /static
# Owned by root: a process of the site can change nothing of its own code.
COPY --from=build /venv /venv
COPY --from=build /site /site
WORKDIR /site
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 DATA_DIR=/data STATIC_ROOT=/site/static LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "reviewsite/alive.py", "http://127.0.0.1:8000/readyz/"]
CMD ["python", "-m", "granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--workers=2", "--blocking-threads=8", "--respawn-failed-workers", "--workers-kill-timeout=10", "--no-ws", "--log-config=reviewsite/granian-logs.json", "reviewsite.wsgi:application"]
