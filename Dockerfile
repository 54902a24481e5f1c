# The embedded PostgreSQL needs glibc: Debian, not Alpine.
FROM node:24-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/ensure-installed.mjs tools/
RUN node tools/ensure-installed.mjs
COPY . .
RUN node tools/ensure-console.mjs
RUN useradd --system --home-dir /data lettershop && mkdir -p /data && chown lettershop /data
USER lettershop
ENV LETTERSHOP_DATA_DIR=/data LETTERSHOP_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080 2525 2526
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s CMD ["node_modules/.bin/node", "-e", "fetch('http://127.0.0.1:8080/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node_modules/.bin/node", "src/main.ts"]
