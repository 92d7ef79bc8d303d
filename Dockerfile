ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python3 -m venv /opt/video-bot
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/video-bot/bin/python -m pip install --no-deps --require-hashes -r requirements.lock \
    && /opt/video-bot/bin/python -m pip check
COPY requirements-build.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/build \
    && /opt/build/bin/python -m pip install --no-deps --require-hashes -r requirements-build.lock \
    && /opt/build/bin/python -m pip check
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
COPY storage ./storage
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/video-bot/bin/python -m pip install --no-deps --no-index /wheels/*.whl \
    && /opt/video-bot/bin/python -m compileall -q /opt/video-bot/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="video-bot" \
      org.opencontainers.image.description="A Discord bot that makes AI videos with Seedance 2.0" \
      org.opencontainers.image.licenses="MIT"
# No home of its own: everything it writes lies in /data.
RUN groupadd --gid 10001 video-bot \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data \
       --shell /usr/sbin/nologin video-bot \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /opt/video-bot /opt/video-bot
ENV PATH=/opt/video-bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    DATABASE_URL=sqlite:////data/video-bot.db \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080
# From here the relative paths of .env.example, data/…, lead to /data too.
WORKDIR /
USER 10001:10001
VOLUME /data
EXPOSE 8080
# Running steps get 12 s to end; give the container 30 s to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; port = int(os.environ['HTTP_PORT']); port or sys.exit(0); asked = http.client.HTTPConnection('127.0.0.1', port, timeout=4); asked.request('GET', '/healthz'); sys.exit(asked.getresponse().status != 200)"]
ENTRYPOINT ["video-bot"]
CMD ["run"]
