import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { setTrap } from '#egress/trap.ts'

test('a proxy of the environment, which would resolve names itself, is not asked', async (t) => {
  const proxy = await setTrap(t)
  const place = http.createServer((_request, response) => response.end('direct'))
  await new Promise<void>((resolve) => place.listen(0, '127.0.0.1', resolve))
  t.after(() => place.close().closeAllConnections())
  const url = `http://127.0.0.1:${(place.address() as AddressInfo).port}/`
  const script = `
    import http from 'node:http'
    import { openEgress } from ${JSON.stringify(import.meta.resolve('#egress/egress.ts'))}
    import { systemClock } from ${JSON.stringify(import.meta.resolve('#kernel/clock.ts'))}
    const egress = openEgress({ allow: ['127.0.0.1'], clock: systemClock })
    const { body } = await egress.request({ url: '${url}' })
    egress.close()
    http.get('${url}', async (answer) => {
      console.log(body + ' ' + (await answer.toArray()).join(''))
    })`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    {
      env: {
        ...process.env,
        NODE_USE_ENV_PROXY: '1',
        NO_PROXY: '',
        http_proxy: `http://127.0.0.1:${proxy.port}`,
        HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      },
    },
  )
  // The second is Node's own way out: it shows that the proxy was there to be asked.
  assert.equal(stdout.trim(), 'direct trap')
  assert.equal(proxy.connections(), 1)
})
