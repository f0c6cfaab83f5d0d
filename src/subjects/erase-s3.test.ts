import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { filesHolding, tablesHolding } from '../../test/support/lake-bytes.ts'
import { buildFolder } from '../../test/support/open-parts.ts'
import { publishedRows } from '../../test/support/published.ts'
import { testKeys, useS3Server } from '../../test/support/s3-server.ts'
import { buildSubjectWorld, csvField } from '../../test/support/subject-world.ts'

const s3 = useS3Server()
const CANARY = 'Zoë "O\'Canary", 王 & Sons'

/** A copy of every object of the bucket. */
async function download(t: TestContext, bucket: string): Promise<string> {
  const { GetObjectCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3')
  const folder = await buildFolder(t, 'millrace-bucket')
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }))
  for (const { Key } of Contents) {
    if (Key === undefined || !Key.endsWith('.parquet')) continue
    const object = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key }))
    await mkdir(dirname(join(folder, Key)), { recursive: true })
    await writeFile(join(folder, Key), (await object.Body?.transformToByteArray()) ?? '')
  }
  return folder
}

s3.test('who is erased is in no object of the bucket and in no cached copy any more', async (t) => {
  const bucket = await s3.bucket('erase-1')
  const world = await buildSubjectWorld(t, {
    env: {
      MILLRACE_LAKE: `s3://${bucket}/lake`,
      MILLRACE_S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: testKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testKeys.secretAccessKey,
    },
  })
  const { millrace } = world
  for (const seconds of [1, 2]) {
    await world.write('2021-03', [
      `a,2021-03-01,${csvField(CANARY)},1,${seconds}`,
      `b,2021-03-01,bob,2,${seconds}`,
      `c,soon,${csvField(CANARY)},1,${seconds}`,
      `d,2021-03-02,carol,3,${seconds}`,
    ])
    await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03'] })
  }
  const before = await download(t, bucket)
  assert.ok((await filesHolding(before, CANARY)).length >= 6, 'there is something to erase')
  assert.ok((await filesHolding(join(millrace.home, 'lake-cache'), CANARY)).length > 0)

  const erasure = await world.erase('person', CANARY)
  assert.ok((erasure.proof.filesPurged ?? 0) >= 6)
  const left = await download(t, bucket)
  for (const text of [CANARY, CANARY.replaceAll('"', '""')]) {
    assert.deepEqual(await filesHolding(left, text), [])
    assert.deepEqual(await filesHolding(join(millrace.home, 'lake-cache'), text), [])
  }
  assert.deepEqual(await tablesHolding(millrace.parts, millrace.tenant, CANARY), [])
  const people = await publishedRows(millrace, 'known_people')
  assert.deepEqual(new Set(people.map(({ who }) => who)), new Set(['bob', 'carol']))
  await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03'], mode: 'rerun' })
  assert.deepEqual(await filesHolding(await download(t, bucket), CANARY), [])
})
