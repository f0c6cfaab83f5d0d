import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const NGINX = '/usr/sbin/nginx'

const required = (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',').includes('nginx')
export const skipWithoutNginx = !existsSync(NGINX) && !required ? 'nginx is needed' : false

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** nginx as operators set it up: a path of its host is this server, and the path is taken off. */
export async function openPrefixProxy(
  port: number,
  prefix: string,
  target: string,
): Promise<{ close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-nginx-'))
  const config = join(folder, 'nginx.conf')
  await writeFile(
    config,
    `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port};
    location ${prefix}/ {
      proxy_pass ${target}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_buffering off;
    }
  }
}
`,
  )
  const child = spawn(NGINX, ['-c', config, '-p', folder], { stdio: 'ignore' })
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await fetch(`http://127.0.0.1:${port}${prefix}/livez`).catch(() => null)
    if (isUp) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
