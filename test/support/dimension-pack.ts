import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Exams as they stand in file names: one that a name of a partition has to escape. */
export const exams = ['exam-17', 'Prüfung 2:a', 'zz'] as const
export const months = ['2021-03', '2021-04', '2021-06'] as const
export const shardsOf = (column: string, count: number) =>
  `'#' || lpad(coalesce((md5_number(${column}) & 18446744073709551615)::UBIGINT % ${count}, 0)::VARCHAR, ${String(count).length}, '0') || '/${count}'`

const source = (partition: string, columns: string, more = '') => `
  import { defineSource } from 'millrace'
  export default defineSource({
    description: 'Rows for tests.', format: 'csv', partition: '${partition}',
    columns: { ${columns} },${more}
  })`
const analysis = (partition: string, select: string, ...header: string[]) =>
  [
    '-- Rows for tests.',
    `-- partition: ${partition}`,
    ...header.map((line) => `-- ${line}`),
    select,
  ].join('\n')
const scoreColumns = `student: { type: 'text' }, at: { type: 'timestamp' }, points: { type: 'integer' }`

export const dimensionPack: Readonly<Record<string, string>> = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'school', description: 'A school for tests.' })`,
  'sources/scores.ts': source('month, key exam', scoreColumns),
  'sources/answers.ts': source(
    'month, key exam',
    scoreColumns,
    `observes: { column: 'at', by: 'day' },`,
  ),
  'sources/visits.ts': source('day', `student: { type: 'text' }, pages: { type: 'integer' }`),
  'sources/terms.ts': source('month', `weeks: { type: 'integer' }`),
  'sources/students.ts': source('none', `student: { type: 'text' }, buddy: { type: 'text' }`),

  'analyses/by_exam.sql': analysis(
    'month, key exam',
    'SELECT (SELECT exam FROM this_partition) AS exam, count(*) AS n, sum(points)::BIGINT AS points FROM scores',
  ),
  'analyses/by_month.sql': analysis(
    'month',
    'SELECT count(*) AS n, sum(points)::BIGINT AS points FROM scores',
  ),
  'analyses/recent.sql': analysis(
    'month, key exam',
    'SELECT count(*) AS n FROM scores',
    'input: scores lookback 2',
  ),
  'analyses/so_far.sql': analysis(
    'month, key exam',
    'SELECT count(*) AS n FROM scores',
    'input: scores through',
  ),
  'analyses/of_all_time.sql': analysis(
    'month, key exam',
    'SELECT (SELECT count(*) FROM by_exam) AS months, (SELECT count(*) FROM scores) AS n',
    'input: by_exam all',
  ),
  'analyses/by_exam_ever.sql': analysis(
    'key exam',
    'SELECT count(*) AS n, (SELECT exam FROM this_partition) AS exam FROM scores',
  ),
  'analyses/share.sql': analysis(
    'month, key exam',
    'SELECT (SELECT count(*) FROM scores) AS own, (SELECT sum(n)::BIGINT FROM by_exam) AS of_month',
    'input: by_exam same whole',
  ),
  'analyses/known.sql': analysis(
    'month, key exam',
    'SELECT student FROM scores UNION SELECT student FROM known',
    'column: student text — who was seen so far',
  ),
  'analyses/with_terms.sql': analysis(
    'month, key exam',
    'SELECT (SELECT count(*) FROM scores) AS n, (SELECT sum(weeks)::BIGINT FROM terms) AS weeks',
  ),
  'analyses/per_student.sql': analysis(
    'day, shards 4 by student',
    'SELECT student, sum(pages)::BIGINT AS pages, count(*) AS n FROM visits GROUP BY student',
    'order: student',
  ),
  'analyses/per_student_month.sql': analysis(
    'month, shards 4 by student',
    'SELECT student, sum(pages)::BIGINT AS pages, (SELECT shard FROM this_partition) AS shard FROM per_student GROUP BY student',
    'order: student',
  ),
  'analyses/mean_pages.sql': analysis(
    'month, shards 16 by student',
    'SELECT student, avg(pages::DOUBLE) AS mean FROM visits GROUP BY student',
    'order: student',
  ),
  'analyses/all_pages.sql': analysis(
    'none',
    'SELECT sum(pages)::BIGINT AS pages, sum(n)::BIGINT AS n FROM per_student',
  ),
  'analyses/seen.sql': analysis(
    'day, shards 4 by student',
    'SELECT student FROM visits UNION SELECT student FROM seen',
    'column: student text — who was seen so far',
  ),
  'analyses/buddies.sql': analysis(
    'shards 3 by student',
    `SELECT s.student, b.buddy AS next FROM students AS s LEFT JOIN everybody AS b ON b.student = s.buddy`,
    'input: everybody all whole',
    'order: student',
  ),
  'analyses/everybody.sql': analysis('none', 'SELECT student, buddy FROM students'),
  'analyses/exam_shards.sql': analysis(
    'month, key exam, shards 3 by student',
    'SELECT student, sum(points)::BIGINT AS points FROM scores GROUP BY student',
    'order: student',
  ),
  'analyses/exam_shards_ever.sql': analysis(
    'shards 3 by student',
    'SELECT student, sum(points)::BIGINT AS points FROM exam_shards GROUP BY student',
    'order: student',
  ),
  'analyses/by_letter.sql': analysis(
    `month, key letter (a, 'b', 'x y')`,
    'SELECT count(*) AS n FROM visits WHERE student[1] = (SELECT letter FROM this_partition)',
  ),
  'analyses/answers_by_day.sql': analysis(
    'day, key exam',
    'SELECT count(*) AS n, sum(points)::BIGINT AS points FROM answers',
  ),
  'analyses/answers_by_student.sql': analysis(
    'day, shards 4 by student',
    'SELECT student, count(*) AS n FROM answers GROUP BY student',
    'order: student',
  ),
  'analyses/typed.ts': `
    import { defineAnalysis } from 'millrace'
    export default defineAnalysis({
      description: 'Rows for tests.', partition: 'month, key exam, shards 2 by student', inputs: { scores: null },
      async run({ query, value, shard, startsAt }) {
        const [row] = await query('SELECT count(*) AS n FROM scores')
        return {
          columns: { exam: 'VARCHAR', shard: 'INTEGER', month: 'INTEGER', n: 'BIGINT' },
          rows: [{ exam: value, shard, month: startsAt.getUTCMonth() + 1, n: row.n }],
        }
      },
    })`,
}

/** What each analysis has to hold, over the files as `scores`, `answers`, `visits`, `terms`, `students`. */
export const expectedRows: Readonly<Record<string, string>> = {
  by_exam: `SELECT name AS _partition, exam, count(*) AS n, sum(points)::BIGINT AS points FROM scores GROUP BY ALL`,
  by_month: `SELECT month AS _partition, count(*) AS n, sum(points)::BIGINT AS points FROM scores GROUP BY ALL`,
  recent: `SELECT p.name AS _partition, count(*) AS n FROM parts AS p JOIN scores AS s ON s.exam = p.exam AND s.month <= p.month
    AND strptime(s.month, '%Y-%m') >= strptime(p.month, '%Y-%m') - INTERVAL 2 MONTH GROUP BY ALL`,
  so_far: `SELECT p.name AS _partition, count(*) AS n FROM parts AS p JOIN scores AS s ON s.exam = p.exam AND s.month <= p.month GROUP BY ALL`,
  of_all_time: `SELECT p.name AS _partition, (SELECT count(*) FROM parts AS q WHERE q.exam = p.exam) AS months,
    (SELECT count(*) FROM scores AS s WHERE s.name = p.name) AS n FROM parts AS p`,
  by_exam_ever: `SELECT text AS _partition, count(*) AS n, exam FROM scores GROUP BY ALL`,
  share: `SELECT p.name AS _partition, (SELECT count(*) FROM scores AS s WHERE s.name = p.name) AS own,
    (SELECT count(*) FROM scores AS s WHERE s.month = p.month) AS of_month FROM parts AS p`,
  known: `SELECT DISTINCT p.name AS _partition, s.student FROM parts AS p JOIN scores AS s ON s.exam = p.exam AND s.month <= p.month`,
  with_terms: `SELECT t.month || ':' || f.text AS _partition, (SELECT count(*) FROM scores AS s WHERE s.name = t.month || ':' || f.text) AS n,
    t.weeks::BIGINT AS weeks FROM terms AS t JOIN (SELECT exam, text, min(month) AS first FROM parts GROUP BY ALL) AS f ON t.month >= f.first`,
  per_student: `SELECT day || ':' || ${shardsOf('student', 4)} AS _partition, student, sum(pages)::BIGINT AS pages, count(*) AS n FROM visits GROUP BY ALL`,
  per_student_month: `SELECT day[:7] || ':' || ${shardsOf('student', 4)} AS _partition, student, sum(pages)::BIGINT AS pages,
    coalesce((md5_number(student) & 18446744073709551615)::UBIGINT % 4, 0)::INTEGER AS shard FROM visits GROUP BY ALL`,
  mean_pages: `SELECT day[:7] || ':' || ${shardsOf('student', 16)} AS _partition, student, avg(pages::DOUBLE) AS mean FROM visits GROUP BY ALL`,
  all_pages: `SELECT 'all' AS _partition, sum(pages)::BIGINT AS pages, count(*) AS n FROM visits`,
  seen: `SELECT DISTINCT d.day || ':' || ${shardsOf('student', 4)} AS _partition, student FROM (SELECT DISTINCT day FROM visits) AS d JOIN visits AS v ON v.day <= d.day`,
  buddies: `SELECT ${shardsOf('s.student', 3)} AS _partition, s.student, b.buddy AS next FROM students AS s LEFT JOIN students AS b ON b.student = s.buddy`,
  exam_shards: `SELECT name || ':' || ${shardsOf('student', 3)} AS _partition, student, sum(points)::BIGINT AS points FROM scores GROUP BY ALL`,
  exam_shards_ever: `SELECT ${shardsOf('student', 3)} AS _partition, student, sum(points)::BIGINT AS points FROM scores GROUP BY ALL`,
  by_letter: `SELECT m.month || ':' || l.text AS _partition, (SELECT count(*) FROM visits AS v WHERE v.day[:7] = m.month AND v.student[1] = l.letter) AS n
    FROM (SELECT DISTINCT day[:7] AS month FROM visits) AS m CROSS JOIN (VALUES ('a', 'a'), ('b', 'b'), ('x y', 'x%20y')) AS l (letter, text)`,
  answers_by_day: `SELECT strftime(answers.at, '%Y-%m-%d') || ':' || text AS _partition, count(*) AS n, sum(points)::BIGINT AS points FROM answers GROUP BY ALL`,
  answers_by_student: `SELECT strftime(answers.at, '%Y-%m-%d') || ':' || ${shardsOf('student', 4)} AS _partition, student, count(*) AS n FROM answers GROUP BY ALL`,
  typed: `SELECT p.name || ':#' || h.h || '/2' AS _partition, p.exam, h.h::INTEGER AS shard, p.month[6:]::INTEGER AS month,
    (SELECT count(*) FROM scores AS s WHERE s.name = p.name AND coalesce((md5_number(s.student) & 18446744073709551615)::UBIGINT % 2, 0) = h.h) AS n
    FROM parts AS p CROSS JOIN range(2) AS h (h)`,
}

export async function writePack(folder: string): Promise<void> {
  for (const [file, text] of Object.entries(dimensionPack)) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), text)
  }
}

/** The second exam has no file for the second month, and nobody took the third in the first. */
export const scoreFiles = months.flatMap((month, m) =>
  exams.filter((_exam, e) => m !== e - 1 && (m > 0 || e < 2)).map((exam) => ({ month, exam })),
)

export function scoreLines(month: string, exam: string, extra = 0): string {
  const rows = Array.from({ length: 9 + extra }, (_row, index) => {
    const student = index % 7 === 3 ? '' : `${'abx'[index % 3]}${(index * 7 + exam.length) % 11}`
    return `${student},${month}-${String(1 + ((index * 5) % 28)).padStart(2, '0')} 10:00:00,${index * 3 + exam.length}\n`
  })
  return `student,at,points\n${rows.join('')}`
}
