# The image of the gateway: built with what `./dev deps --build` installs, run with the libraries alone. Nothing in it is written at run
# time but /var/lib/otagw, so the root may be read-only.
#   docker build -t otagw:0.1.0 .
ARG DEBIAN=bookworm

FROM debian:${DEBIAN}-slim AS build
WORKDIR /src
COPY . .
RUN ./dev deps --build
RUN ./dev build release && strip --strip-unneeded build/release/bin/otagw

FROM debian:${DEBIAN}-slim AS runtime
# sqlite3 is for copies of an embedded store while the gateway runs; tzdata for subscribers' zones.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates sqlite3 tzdata \
        libboost-json1.81.0 libcrypto++8 libdate-tz3 libjemalloc2 libpq5 libprometheus-cpp-core1.0 libpugixml1v5 librdkafka1 libsqlite3-0 libssl3 \
        libyaml-cpp0.7 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
RUN groupadd --gid 10001 otagw \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/otagw --shell /usr/sbin/nologin otagw \
    && install -d -m 0700 -o 10001 -g 10001 /var/lib/otagw
COPY --from=build /src/build/release/bin/otagw /usr/bin/otagw
COPY config/profiles /usr/share/otagw/profiles
COPY config/management-objects /usr/share/otagw/management-objects
COPY LICENSE /usr/share/otagw/LICENSE
LABEL org.opencontainers.image.title="otagw" \
      org.opencontainers.image.description="OTA card update gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 10001:10001
WORKDIR /var/lib/otagw
EXPOSE 8080/tcp 9000/udp
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/otagw"]
CMD ["run", "--config", "/etc/otagw/otagw.yaml"]
