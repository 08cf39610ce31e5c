# Two stages: build on Debian bookworm, run on distroless with the same glibc. The final image has the binary, the C
# library and nothing else: no shell, no package manager. It runs as 65532 on a read-only root file system:
#   docker build -t clinik-guard .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges -e CLINIKAPI_SECRET_KEY clinik-guard
# Pin both images by digest in your own build. There is no static build from scratch, since the static glibc cannot
# resolve names and musl's allocator costs CPU on the request path.
FROM rust:1.95-bookworm AS build
WORKDIR /src
# aws-lc-rs builds its C sources with the gcc of this image; it needs neither cmake nor clang here.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin clinik-guard \
    && install -D -m 0755 target/release/clinik-guard /out/clinik-guard \
    && strip --strip-debug /out/clinik-guard \
    && mkdir -p /out/empty

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/clinik-guard /clinik-guard
COPY LICENSE-MIT LICENSE-APACHE /licenses/
# Mount points that 65532 may write to: a volume for an audit file, a tmpfs or volume for a unix socket.
COPY --from=build --chown=65532:65532 /out/empty/ /var/lib/clinik-guard/
COPY --from=build --chown=65532:65532 /out/empty/ /run/clinik-guard/
USER 65532:65532
# Documentation only, and only the ops port: the data port is bound to loopback, for what shares the network namespace.
EXPOSE 9090/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/clinik-guard", "healthcheck"]
# SIGTERM, the default stop signal, starts the drain.
ENTRYPOINT ["/clinik-guard"]
CMD ["run"]
