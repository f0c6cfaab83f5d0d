import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { buildFolder, testConnector } from '#connectors/conformance.ts'
import { fileConnector } from '#connectors/file/file-connector.ts'

testConnector({
  name: 'file',
  async open(t, context) {
    const folder = await buildFolder(t)
    return {
      connector: fileConnector.open({}, context),
      base: `${folder}/`,
      async put(name, bytes) {
        await mkdir(dirname(`${folder}/${name}`), { recursive: true })
        await writeFile(`${folder}/${name}`, bytes)
      },
    }
  },
})
