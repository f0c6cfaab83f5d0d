import { z } from 'zod'

import type { Connector, ConnectorType } from '#connectors/connector.ts'
import { copySnapshot, statFile } from '#connectors/file/snapshot.ts'
import { listFiles } from '#connectors/file/list-files.ts'
import { toPath } from '#connectors/file/path.ts'

const fileOptions = z.strictObject({})

/** Plain paths and `file:` URLs on this machine's disks. Addresses in answers are absolute paths. */
export const fileConnector: ConnectorType<z.output<typeof fileOptions>> = {
  name: 'file',
  schemes: ['', 'file'],
  options: fileOptions,
  secretOptions: [],
  open(_options, { baseFolder, clock }): Connector {
    const resolve = (location: string) => toPath(location, baseFolder)
    return {
      resolve,
      stat: (location) => statFile(resolve(location), clock),
      async fetch(request) {
        const path = resolve(request.location)
        const info = await statFile(path, clock)
        if (info.etag === request.knownEtag) return { changed: false, info }
        await copySnapshot(info, request, clock)
        return { changed: true, info }
      },
      list: (prefix, options) => listFiles(resolve(prefix), clock, options),
      close: () => Promise.resolve(),
    }
  },
}
