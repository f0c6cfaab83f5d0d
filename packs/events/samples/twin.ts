import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { seededRandom } from 'millrace'

import { dealOddities, oddities, quarantinedOddities, type Oddity } from './oddities.ts'
import { createRowWriter, type Row } from './rows.ts'

/** A twin of the real file: the same form, made up from a seed, with known numbers of everything odd. */
export interface TwinOptions {
  /** Equal options give equal bytes. */
  readonly seed: number
  /** `2021-04`, …: one file each. */
  readonly months: readonly string[]
  /** At least 100; a million are about 140 MB. */
  readonly rowsPerMonth: number
}

export interface TwinMonth {
  readonly month: string
  /** Absolute path of the file. */
  readonly path: string
  readonly bytes: number
  /** Records without the header; accepted and quarantined add up to it. */
  readonly received: number
  readonly accepted: number
  readonly quarantined: number
  readonly oddities: Readonly<Record<Oddity, number>>
  /** Plain rows whose e-mail belongs to a mail provider, duplicates included. */
  readonly mailProviderRows: number
  /** Rows of companies under suffixes such as co.uk, duplicates included. */
  readonly longSuffixRows: number
}

export interface TwinManifest {
  readonly seed: number
  readonly months: readonly TwinMonth[]
}

const HEADER = 'id,timestamp,email,country,ip,uri,action,tags\n'
const CHUNK_CHARACTERS = 1 << 20

/** Writes `<folder>/<yyyy>/<MM>/events.csv` for every month, as a stream: memory does not grow with the size. */
export async function writeTwin(folder: string, options: TwinOptions): Promise<TwinManifest> {
  const months: TwinMonth[] = []
  for (const month of options.months) {
    const path = join(folder, month.slice(0, 4), month.slice(5, 7), 'events.csv')
    months.push(await writeMonth(path, month, options))
  }
  return { seed: options.seed, months }
}

async function writeMonth(
  path: string,
  month: string,
  { seed, rowsPerMonth: rows }: TwinOptions,
): Promise<TwinMonth> {
  const random = seededRandom(seed + Number(month.replace('-', '')) * 7919)
  const oddityOf = dealOddities(rows)
  const write = createRowWriter({ key: month, rows }, random)
  let bytes = 0
  let mailProviderRows = 0
  let longSuffixRows = 0
  let plain: Row | null = null
  let chunk = HEADER

  await mkdir(dirname(path), { recursive: true })
  await using file = await open(path, 'w')
  const flush = async () => {
    const data = Buffer.from(chunk)
    await file.writeFile(data)
    bytes += data.length
    chunk = ''
  }
  for (let index = 0; index < rows; index++) {
    const odd = oddityOf(index)
    const row: Row =
      odd?.oddity === 'duplicate' && plain ? plain : write(index, odd?.oddity, odd?.ordinal ?? 0)
    if (!odd) plain = row
    if (!odd || odd.oddity === 'duplicate') {
      if (row.person?.isMailProvider) mailProviderRows++
      if (row.person?.hasLongSuffix) longSuffixRows++
    }
    chunk += row.line
    if (chunk.length >= CHUNK_CHARACTERS) await flush()
  }
  await flush()

  const counts = Object.fromEntries(
    Object.entries(oddities).map(([oddity, count]) => [oddity, count(rows)]),
  ) as Record<Oddity, number>
  const quarantined = quarantinedOddities.reduce((sum, oddity) => sum + counts[oddity], 0)
  return {
    month,
    path,
    bytes,
    received: rows,
    accepted: rows - quarantined,
    quarantined,
    oddities: counts,
    mailProviderRows,
    longSuffixRows,
  }
}
