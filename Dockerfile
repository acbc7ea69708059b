# Laurel as it runs in production. Templates are part of the image; mount a folder over /app/templates to change them.
FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .
# Laurel's own files: the journal of last resort, and the secret where none is given.
RUN mkdir .laurel && chown node:node .laurel
USER node
VOLUME /app/.laurel
EXPOSE 3400
CMD ["node", "--import", "tsx", "src/main.ts"]
