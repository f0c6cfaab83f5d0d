import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { NO_PORTAL_PAGE, PORTAL_POLICY } from '#server/page-policy.ts'

/** Addresses at which a browser gets the shell; its router shows what the rest of the address says. */
const shellAddresses = [
  '/',
  '/t/*',
  '/operate',
  '/operate/*',
  '/account',
  // Ways in. Tokens of links stand behind `#`, so that no server sees them.
  '/sign-in',
  '/setup',
  '/join',
  '/reset',
] as const

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  md: 'text/markdown; charset=utf-8',
}

interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly gzip: Buffer | null
  readonly brotli: Buffer | null
}

export interface PortalOptions {
  /** Address of our own pages; its path is where the portal lies behind a proxy. */
  readonly publicUrl: string | null
  /** Where the built portal lies; default: beside this program. */
  readonly folder?: string | null
}

/**
 * The portal: a shell without data and its files, the same for everybody. They are read once, so that no
 * request reaches the file system. Returns the shell.
 */
export function addPortal(app: FastifyInstance, options: PortalOptions): string {
  const { publicUrl, folder = builtPortal() } = options
  const assets = folder === null ? new Map<string, Asset>() : readAssets(folder)
  const base = publicUrl === null ? '/' : `${new URL(publicUrl).pathname.replace(/\/+$/, '')}/`
  const shell = assets.get('index.html')?.plain.toString('utf8')
  const html =
    shell === undefined ? NO_PORTAL_PAGE : shell.replace('<base href="/"', `<base href="${base}"`)

  for (const url of shellAddresses) {
    app.get(url, { config: { policy: 'public' } }, async (_request, reply) =>
      reply
        .code(shell === undefined ? 503 : 200)
        .header('content-security-policy', PORTAL_POLICY)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(html),
    )
  }
  for (const [name, asset] of assets) {
    if (name === 'index.html') continue
    const isHashed = name.startsWith('assets/')
    app.get(`/${name}`, { config: { policy: 'public' } }, (request, reply) =>
      sendAsset(request, reply, asset, isHashed),
    )
  }
  return html
}

function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  asset: Asset,
  isHashed: boolean,
): FastifyReply {
  const accepted = request.headers['accept-encoding'] ?? ''
  const [coding, bytes] =
    asset.brotli && /\bbr\b/.test(accepted)
      ? ['br', asset.brotli]
      : asset.gzip && /\bgzip\b/.test(accepted)
        ? ['gzip', asset.gzip]
        : [null, asset.plain]
  if (coding !== null) reply.header('content-encoding', coding)
  return reply
    .header('vary', 'Accept-Encoding')
    .header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .type(asset.type)
    .send(bytes)
}

/** In the repository, or in the published package; null: it has not been built. */
function builtPortal(): string | null {
  const places = ['../../build/portal/', '../portal/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return places.find((place) => existsSync(join(place, 'index.html'))) ?? null
}

function readAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const name of globSync('**/*', { cwd: folder }).map((path) => path.replaceAll('\\', '/'))) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)]
    const path = join(folder, name)
    if (type === undefined || statSync(path).isDirectory()) continue
    const copy = (end: string) => (existsSync(path + end) ? readFileSync(path + end) : null)
    assets.set(name, {
      type,
      plain: readFileSync(path),
      gzip: copy('.gz'),
      brotli: copy('.br'),
    })
  }
  return assets
}
