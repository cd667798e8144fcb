# The same base for both stages: libsql brings a binary built against glibc, so what npm installs in the first stage
# has to be right for the second. No Alpine for the same reason.
FROM node:24-bookworm-slim AS build
WORKDIR /app

# The manifests alone first: editing a source file must not install everything again.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

COPY tsconfig.json ./
COPY scripts scripts
COPY src src
# Pruned here and not in the final stage, which has no npm.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund


FROM node:24-bookworm-slim

LABEL org.opencontainers.image.title="phone-code-gateway" \
      org.opencontainers.image.description="Delivers identity providers' one-time codes by SMS, voice and WhatsApp, and knows what became of each one" \
      org.opencontainers.image.licenses="MIT"

# A running gateway installs nothing. What could install is taken away, and so are its own dependencies, which
# scanners report again and again.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* \
           /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
           /usr/local/bin/yarn /usr/local/bin/yarnpkg /usr/local/bin/pnpm /usr/local/bin/pnpx

WORKDIR /app

# The one place that the gateway writes to (its SQLite file). Everything else stays root's, so that the process
# cannot change its own code. Made before VOLUME: a new volume takes its owner from the image.
RUN mkdir data && chown node:node data
VOLUME /app/data

# 0.0.0.0 because a published port arrives on the container's own interface, not on its loopback.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000

# package.json is needed at run time too: its "type" makes Node read dist as ES modules.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist

USER node
EXPOSE 8000

# /livez says that the process answers, not that its providers do: a container is not restarted because Azure is slow.
# Node asks itself: the image has neither curl nor wget.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez', { signal: AbortSignal.timeout(4000) }).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# The exec form, so that the signal reaches Node itself and what is under way is finished before the end.
STOPSIGNAL SIGTERM
CMD ["node", "dist/server.js"]
