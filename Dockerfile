# docker build .                  the image: one static binary, and /sbom.json, which says what is in it
# docker build --target test .    builds it and runs every test
FROM debian:trixie-slim AS build
WORKDIR /src
COPY scripts/install-dependencies scripts/
RUN scripts/install-dependencies build
COPY CMakeLists.txt CMakePresets.json ./
COPY include include
COPY src src
COPY scripts/sbom scripts/
RUN cmake --preset release -DSIDECAR_TESTS=OFF && \
    cmake --build --preset release && \
    strip -o /http-healthcheck-sidecar build/release/http-healthcheck-sidecar && \
    /http-healthcheck-sidecar --version && \
    scripts/sbom build/release /http-healthcheck-sidecar >/sbom.json

FROM build AS test
RUN scripts/install-dependencies test
COPY . .
RUN cmake --preset release -DSIDECAR_TESTS=ON && \
    cmake --build --preset release && \
    ctest --preset release

FROM scratch
LABEL org.opencontainers.image.title="http-healthcheck-sidecar" \
      org.opencontainers.image.description="Answers a load balancer's health checks from a pod's readiness" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="Unlicense"
COPY --from=build /http-healthcheck-sidecar /sbom.json /
USER 10001:10001
EXPOSE 3000
ENTRYPOINT ["/http-healthcheck-sidecar"]
