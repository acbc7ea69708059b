# Laurel as it runs in production (the last stage), and the preview for a team (`--target preview`). Templates are part of the
# image; mount a folder over /app/templates to change them.
FROM node:22.23.3-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# With the development packages: it builds its pages, and checks mails.
FROM base AS preview
RUN npm ci --no-audit --no-fund && npm cache clean --force
COPY . .
RUN mkdir -p .laurel previews/dist && chown -R node:node .laurel previews/dist
USER node
VOLUME /app/.laurel
EXPOSE 3500
CMD ["node", "--import", "tsx", "src/cli/laurel.ts", "preview", "--host", "0.0.0.0"]

FROM base
ENV NODE_ENV=production
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .
# Laurel's own files: the journal of last resort, and the secret where none is given.
RUN mkdir .laurel && chown node:node .laurel
USER node
VOLUME /app/.laurel
EXPOSE 3400 3401
CMD ["node", "--max-semi-space-size=64", "--import", "tsx", "src/main.ts"]
