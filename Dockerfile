# docker build .                  the image: one static binary, /sbom.json, which says what is in it, and its licences
# docker build --target test .    builds it and runs every test, on a machine of its own architecture
# For amd64, and for arm64, which a machine of another architecture compiles for instead of emulating it:
# docker buildx build --platform linux/amd64,linux/arm64 .   docs/operations.md has the arguments of a release.
# Older buildah wants it declared, and older BuildKit would empty one that is declared without a value.
ARG TARGETARCH=$TARGETARCH
FROM --platform=$BUILDPLATFORM debian:trixie-slim AS dependencies
WORKDIR /src
COPY scripts/install-dependencies scripts/
RUN scripts/install-dependencies build

FROM dependencies AS build-amd64
RUN [ "$(dpkg --print-architecture)" = amd64 ] || { echo "amd64 is only built on amd64" >&2; exit 1; }
ENV PRESET=release STRIP=x86_64-linux-gnu-strip

FROM dependencies AS build-arm64
RUN scripts/install-dependencies arm64
ENV PRESET=release-arm64 STRIP=aarch64-linux-gnu-strip

FROM build-$TARGETARCH AS build
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY include include
COPY src src
COPY scripts/sbom scripts/licenses scripts/
# What is copied into the image keeps its time, which would make each build another image.
ARG SOURCE_DATE_EPOCH=0
RUN cmake --preset $PRESET -DSIDECAR_TESTS=OFF && \
    cmake --build --preset $PRESET --target http-healthcheck-sidecar && \
    $STRIP -o /http-healthcheck-sidecar build/$PRESET/http-healthcheck-sidecar && \
    $(command -v qemu-aarch64-static) /http-healthcheck-sidecar --version && \
    scripts/sbom build/$PRESET /http-healthcheck-sidecar >/sbom.json && \
    scripts/licenses /sbom.json /licenses && \
    tar -C / --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$SOURCE_DATE_EPOCH \
      -cf - licenses | gzip -n -9 >/licenses.tar.gz && \
    touch --date=@$SOURCE_DATE_EPOCH /http-healthcheck-sidecar /sbom.json /licenses.tar.gz

FROM build AS test
RUN scripts/install-dependencies test
COPY . .
RUN cmake --preset $PRESET -DSIDECAR_TESTS=ON && \
    cmake --build --preset $PRESET && \
    ctest --preset $PRESET

FROM scratch
ARG SOURCE= REVISION= CREATED=
LABEL org.opencontainers.image.title="http-healthcheck-sidecar" \
      org.opencontainers.image.description="Answers a load balancer's health checks from a pod's readiness" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="Unlicense" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /http-healthcheck-sidecar /sbom.json /licenses.tar.gz /
USER 10001:10001
EXPOSE 3000
ENTRYPOINT ["/http-healthcheck-sidecar"]
