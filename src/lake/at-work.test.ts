import assert from 'node:assert/strict'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { createAtWork } from '#lake/at-work.ts'
import { buildFolder } from '#lake/conformance.ts'
import { sweepEntries } from '#lake/folder-files.ts'

const nothing = new Set<string>()

test('a folder that another process works with for long is not swept, one that it left is', async (t) => {
  const root = await buildFolder(t)
  for (const name of ['working', 'left']) await mkdir(join(root, name))
  const { ctimeMs } = await stat(join(root, 'working'))
  const atWork = createAtWork(root, 10)
  atWork.begin('working')
  atWork.begin('not made yet')
  t.after(() => [...atWork.names].forEach((name) => atWork.end(name)))
  const deadline = performance.now() + 10_000
  let touchedMs = ctimeMs
  while (touchedMs <= ctimeMs + 20 && performance.now() < deadline) {
    await systemClock.sleep(5)
    touchedMs = (await stat(join(root, 'working'))).ctimeMs
  }
  await sweepEntries(root, nothing, touchedMs - 10)
  await stat(join(root, 'working'))
  await assert.rejects(stat(join(root, 'left')), { code: 'ENOENT' })
  assert.deepEqual([...atWork.names], ['working', 'not made yet'])
})
