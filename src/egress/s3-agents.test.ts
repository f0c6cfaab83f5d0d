import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'

import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { openEgress } from '#egress/egress.ts'
import { setTrap } from '#egress/trap.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'

test('the S3 connector with these agents calls nothing inside, and what is allowed', async (t) => {
  const trap = await setTrap(t)
  const headers = { etag: '"a"', 'content-length': '0', 'last-modified': new Date(0).toUTCString() }
  const store = http.createServer((_request, response) => response.writeHead(200, headers).end())
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  t.after(() => store.close().closeAllConnections())
  const storePort = (store.address() as AddressInfo).port

  const egress = openEgress({ allow: [`127.0.0.1:${storePort}`], clock: systemClock })
  t.after(() => egress.close())
  const stat = async (endpoint: string) => {
    const context = { clock: systemClock, random: systemRandom, log: silentLogger, baseFolder: '/' }
    const options = s3Connector.options.parse({ endpoint, anonymous: true, maxAttempts: 2 })
    const agents = { http: egress.httpAgent, https: egress.httpsAgent }
    const connector = s3Connector.open(options, { ...context, agents })
    try {
      return await connector.stat('s3://bucket/key')
    } finally {
      await connector.close()
    }
  }
  assert.equal((await stat(`http://127.0.0.1:${storePort}`)).etag, '"a"')
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '127.1']) {
    for (const scheme of ['http', 'https']) {
      await assert.rejects(stat(`${scheme}://${host}:${trap.port}`), { code: 'egress-denied' })
    }
  }
  assert.equal(trap.connections(), 0)
})
