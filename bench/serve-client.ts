// Asks one address so many times, over so many connections, and prints how many answers came a second.
//
//   node bench/serve-client.ts <url> <connections> <requests> <key>

import { Agent, get } from 'node:http'

const [url = '', connections = '20', requests = '2000', key = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
let left = Number(requests)
let answers = 0
let bytes = 0

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}` }
    get(url, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`))
      answer.on('data', (chunk: Buffer) => (bytes += chunk.byteLength))
      answer.on('end', resolve)
    }).on('error', reject)
  })
}

const startedMs = performance.now()
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (left-- > 0) {
      await once()
      answers++
    }
  }),
)
const seconds = (performance.now() - startedMs) / 1000
console.log(JSON.stringify({ perSecond: answers / seconds, bytes: bytes / answers }))
agent.destroy()
