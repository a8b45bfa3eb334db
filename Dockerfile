# check=skip=SecretsUsedInArgOrEnv
# The operator as an image: docker build -t kusk-gateway-telemetry .
# The collector as an image: docker build -t kusk-collector --target kusk-collector .
# docs/adr/0007 says why it is made like this.
#
# What scanners complain of and is meant so, each marked where it stands:
# - no HEALTHCHECK: Kubernetes ignores it and probes /healthz and /readyz itself, and a base may have no shell;
# - ANALYTICS_WRITE_KEY in ARG and ENV: a write key is no secret. It can only add events, and is handed out
#   with every program that sends any; an image is where Segment means it to be;
# - bases without a digest: who builds names them, with a digest if they like.
#checkov:skip=CKV_DOCKER_2:Kubernetes probes it

# What builds it: Node 22.19 or later, npm and a shell.
ARG BUILD_IMAGE=node:24-slim
# What runs it: Node 22.19 or later, in /usr/local/bin, /usr/bin or /nodejs/bin. It needs no shell.
ARG RUNTIME_IMAGE=node:24-slim

# What is built is the same for all platforms, so it is built on the builder's own, without emulation.
# hadolint ignore=DL3006,DL3029
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--no-update-notifier"]
# esbuild reads it too: the programs are the same bytes as those of `npm run build` in a checkout.
COPY tsconfig.json ./
COPY lab/support/ lab/support/
COPY tools/ tools/
COPY src/ src/
RUN ["npm", "run", "build"]

# Compiled by the Node, the user and with the flags that will run it, so that it starts sooner. --random-seed
# is no part of the flags that V8 compares, and makes the compiled code the same each time.
# hadolint ignore=DL3006
FROM ${RUNTIME_IMAGE} AS compiling
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin \
    NODE_COMPILE_CACHE=/tmp/compiled
USER 65532:65532

FROM compiling AS compiled
COPY --from=build /build/dist/kusk-gateway.mjs /app/kusk-gateway.mjs
RUN ["node", "--random-seed=1", "--max-semi-space-size=1", "--max-old-space-size=96", "--no-opt", "--no-maglev", "--liftoff-only", "/app/kusk-gateway.mjs", "--help"]

FROM compiling AS compiled-collector
# The folder of the database. It is made here because the base may have no shell.
WORKDIR /tmp/data
COPY --from=build /build/dist/kusk-collector.mjs /app/kusk-collector.mjs
RUN ["node", "--random-seed=1", "/app/kusk-collector.mjs", "--help"]

# What both images have.
# hadolint ignore=DL3006
# trivy:ignore:DS-0026
# trivy:ignore:AVD-DS-0026
FROM ${RUNTIME_IMAGE} AS program
ARG RUNTIME_IMAGE
ARG RUNTIME_DIGEST=
ARG VERSION=
ARG REVISION=
ARG CREATED=
# Where the source is, as a URL, and where to read about it.
ARG SOURCE=
ARG DOCUMENTATION=${SOURCE}
LABEL org.opencontainers.image.authors="The maintainers of Kusk Gateway telemetry" \
      org.opencontainers.image.vendor="Kusk Gateway" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.url="${SOURCE}" \
      org.opencontainers.image.documentation="${DOCUMENTATION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.ref.name="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}" \
      org.opencontainers.image.base.digest="${RUNTIME_DIGEST}"
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin \
    NODE_COMPILE_CACHE=/app/compiled
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /
STOPSIGNAL SIGTERM
CMD []

FROM program AS kusk-collector
LABEL org.opencontainers.image.title="Kusk Gateway telemetry collector" \
      org.opencontainers.image.description="Receives Kusk Gateway telemetry and shows the seven numbers"
# It listens on all addresses, and needs COLLECTOR_WRITE_KEY and COLLECTOR_READ_KEY.
# SQLite's temporary files are beside the database: the root file system can be read-only, and an index of a large file
# is sorted on the disk.
ENV COLLECTOR_LISTEN=*:8090 \
    COLLECTOR_DATABASE=/data/kusk-collector.db \
    SQLITE_TMPDIR=/data
COPY --from=build /build/dist/kusk-collector.mjs /app/kusk-collector.mjs
COPY --from=compiled-collector --chown=65532:65532 /tmp/compiled/ /app/compiled/
COPY --from=compiled-collector --chown=65532:65532 /tmp/data/ /data/
EXPOSE 8090
# The node is process 1, so it is what SIGTERM reaches. Its heap follows the container's memory limit.
ENTRYPOINT ["node", "/app/kusk-collector.mjs"]

FROM program AS kusk-gateway
LABEL org.opencontainers.image.title="Kusk Gateway telemetry" \
      org.opencontainers.image.description="Seven numbers from anonymous data, and a switch that turns it off"
# Where events go without any other setting. Who runs the image can name another.
# trivy:ignore:DS-0031
# trivy:ignore:AVD-DS-0031
ARG ANALYTICS_WRITE_KEY=
# trivy:ignore:DS-0031
# trivy:ignore:AVD-DS-0031
ENV ANALYTICS_WRITE_KEY=${ANALYTICS_WRITE_KEY}
COPY --from=build /build/dist/kusk-gateway.mjs /app/kusk-gateway.mjs
COPY --from=compiled --chown=65532:65532 /tmp/compiled/ /app/compiled/
# The node is process 1, so it is what SIGTERM reaches. The heap is given back rather than left to grow,
# and V8's optimizing compilers, for which there is too little to do here, stay out of memory.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--max-old-space-size=96", "--no-opt", "--no-maglev", "--liftoff-only", "/app/kusk-gateway.mjs"]
