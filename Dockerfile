# One image for web, worker and beat; which of them a container is, its command says.
FROM python:3.12-slim AS build
COPY requirements/production.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home site && install -d -o site -g site /data
COPY --from=build /venv /venv
WORKDIR /site
COPY manage.py ./
COPY reviewsite reviewsite
COPY comparisons comparisons
COPY panel panel
COPY templates templates
COPY docs/api.md docs/api.md
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER site
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--no-ws", "reviewsite.wsgi:application"]
