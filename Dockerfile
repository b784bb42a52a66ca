# Two stages: what compiles stays behind.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY console/package.json console/package-lock.json console/
RUN npm ci --include=dev && npm ci --prefix console --include=dev
COPY . .
RUN npm run build && npm --prefix console run build \
  && npm prune --omit=dev && rm -rf dist/test dist/bench dist/scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/config config
COPY --from=build /app/flows flows
COPY --from=build /app/dist dist
COPY --from=build /app/console/dist console/dist
# The embedded database and the simulator's ledger; a volume keeps them.
RUN mkdir /data && chown node:node /data
ENV VALENCE_DATA_DIR=/data
VOLUME /data
USER node
# Inside a container only the container itself sees loopback. VALENCE_BRIDGE_HOST=0.0.0.0 opens the bridge;
# VALENCE_ADMIN_HOST=0.0.0.0 opens the admin API and demands VALENCE_ADMIN_TOKEN.
ENV VALENCE_BRIDGE_HOST=0.0.0.0
# Every process, whichever modules it runs, answers /healthz, /readyz and /metrics here.
ENV VALENCE_PROBES_ENABLED=true VALENCE_PROBES_HOST=0.0.0.0 VALENCE_PROBES_PORT=9464
EXPOSE 8080 8081 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.VALENCE_PROBES_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["bin/valence"]
CMD ["up"]
