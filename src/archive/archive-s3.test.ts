import assert from 'node:assert/strict'

import { deleteDueTenant } from '#archive/delete-tenant.ts'
import { restoreTenant } from '#archive/restore-tenant.ts'
import { askDeletion, listDeletions } from '#catalog/archive-deletion.ts'
import { listFiles } from '#catalog/files.ts'
import {
  buildPlace,
  buildStockedTenant,
  exportToFile,
} from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'
import { buildS3Lake } from '../../test/support/s3-lake.ts'
import { useS3Server } from '../../test/support/s3-server.ts'

const server = useS3Server()

eachEngine((engine) => {
  server.test(
    'moves from a disk to S3 and away again, and is gone from S3 without a rest',
    async (t) => {
      const disk = await buildPlace(t, engine)
      const tenant = await buildStockedTenant(disk, 'acme')
      const { path, manifest } = await exportToFile(disk, tenant)

      const { bucket, open: openLake, write } = await buildS3Lake(t, server)
      const cloud = await buildPlace(t, engine, await openLake())
      const request = { by: 'operator', replayErasures: () => Promise.resolve() }
      const moved = await restoreTenant(cloud, { ...request, file: path, slug: null })
      assert.equal(moved.tenant.slug, 'acme')
      const files = await cloud.catalog.asTenant(moved.tenant, (session) =>
        listFiles(session, { after: 0, limit: 10 }),
      )
      for (const file of files) await cloud.lake.verify(file, { fresh: true })
      const again = await exportToFile(cloud, moved.tenant)
      const ofLake = ({ entries }: typeof manifest) =>
        entries.filter(({ path: at }) => at.startsWith('lake/'))
      assert.deepEqual(ofLake(again.manifest), ofLake(manifest))
      assert.equal(ofLake(manifest).length, 2)

      // What an attempt left behind, a file that no row names, and a neighbour whose name begins alike.
      await write('acme/events/202104/t999-f999-data.parquet', 'left behind')
      await write('acme-2/events/202104/t1-f1-data.parquet', 'of somebody else')
      await cloud.catalog.asSystem((session) =>
        askDeletion(session, moved.tenant.id, 'operator', 0),
      )
      assert.equal(await deleteDueTenant(cloud), 'acme')
      const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
      const left = await server.client.send(new ListObjectsV2Command({ Bucket: bucket }))
      assert.deepEqual(
        left.Contents?.map(({ Key }) => Key),
        ['shop/acme-2/events/202104/t1-f1-data.parquet'],
      )
      const [proof] = await cloud.catalog.asSystem((session) =>
        listDeletions(session, { slug: 'acme', after: '', limit: 1 }),
      )
      assert.equal(proof?.files, 3)
      await assert.rejects(cloud.lake.localPath(files[0] as (typeof files)[number]))
    },
  )
})
