// A process of its own that works with a lake on S3 until it is killed:
//   node lake-process.ts <options as JSON> adopt <staged file as JSON> <path>
//   node lake-process.ts <options as JSON> adopt-resumable <staged file as JSON> <path>
//   node lake-process.ts <options as JSON> get <file as JSON>

import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import type { LakeFile } from '#lake/lake.ts'
import { openS3Lake } from '#lake/s3-lake.ts'
import type { S3LakeOptions } from '#lake/s3-lake.ts'
import type { StagedFile } from '#model/outcome.ts'

const [options = '', work = '', about = '', toPath = ''] = process.argv.slice(2)
const lake = await openS3Lake({
  ...(JSON.parse(options) as S3LakeOptions),
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
})
if (work.startsWith('adopt')) {
  const resumable = work === 'adopt-resumable'
  await lake.adopt(JSON.parse(about) as StagedFile, toPath, { resumable })
} else {
  await lake.localPath(JSON.parse(about) as LakeFile)
}
await lake.close()
