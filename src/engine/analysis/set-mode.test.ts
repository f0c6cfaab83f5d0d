import assert from 'node:assert/strict'
import { before, after, describe, test } from 'node:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { dealInputs } from '#engine/analysis/dealt-inputs.ts'
import type { DealtInput } from '#engine/analysis/dealt-inputs.ts'
import { GATHERED, toLoopSelect } from '#engine/analysis/loop-mode.ts'
import { toSetStatement } from '#engine/analysis/set-mode.ts'
import { buildJob, testLimits, writeDatasetFile } from '#engine/jobs-for-tests.ts'
import type { BuildJob, JobInput } from '#engine/protocol.ts'
import { openSession } from '#engine/session.ts'
import type { Row, Session } from '#engine/session.ts'

/** Shapes of SELECT, by the mode that a batch of them runs in. */
const shapes: Readonly<Record<'set' | 'loop', Readonly<Record<string, string>>>> = {
  set: {
    grouped: `SELECT u, count(*) AS n FROM events GROUP BY u`,
    'grouped with HAVING': `SELECT u, count(*) AS n FROM events GROUP BY ALL HAVING count(*) > 2`,
    'aggregates without groups, also over nothing': `SELECT count(*) AS n, sum(v) AS s, max(v) AS m FROM events`,
    'quoted, upper-case, aliased names': `SELECT E.u FROM "events" AS E JOIN EVENTS x ON x.v = E.v`,
    'FROM first': `FROM events SELECT u, v`,
    'multi-byte text before a name': `SELECT 'äöü€😀' AS t, u FROM events`,
    'qualified columns': `SELECT events.u, events.v FROM events WHERE events.v > 5`,
    'columns renamed by the alias': `SELECT a, b FROM events AS e(a, b)`,
    'common table expression': `WITH a AS (SELECT u, count(*) AS n FROM events GROUP BY u) SELECT * FROM a WHERE n > 2`,
    'two of them, one over the other': `WITH a AS (SELECT u, count(*) AS n FROM events GROUP BY u), b AS (SELECT max(n) AS m FROM a) SELECT a.u, a.n, b.m FROM a, b`,
    'one read twice': `WITH a AS MATERIALIZED (SELECT u, count(*) AS n FROM events GROUP BY u) SELECT x.u, y.n FROM a AS x JOIN a AS y USING (u)`,
    window: `SELECT u, v, row_number() OVER (ORDER BY v DESC) AS r FROM events`,
    'window with partitions and QUALIFY': `SELECT u, v, rank() OVER (PARTITION BY u ORDER BY v DESC) AS r FROM events QUALIFY r <= 2`,
    'window over aggregates': `SELECT u, sum(count(*)) OVER (ORDER BY u) AS s FROM events GROUP BY u`,
    'window with a frame': `SELECT v, sum(v) OVER (ORDER BY v ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM events`,
    'ORDER BY and LIMIT': `SELECT u, count(*) AS n FROM events GROUP BY u ORDER BY n DESC, u LIMIT 2`,
    'LIMIT with OFFSET': `SELECT v FROM events ORDER BY v LIMIT 3 OFFSET 2`,
    'join with another input': `SELECT r.name, count(*) AS n FROM events e JOIN users r ON r.u = e.u GROUP BY 1`,
    'left join from the other input': `SELECT r.name, count(e.v) AS n FROM users r LEFT JOIN events e ON r.u = e.u GROUP BY 1`,
    'left join to the other input': `SELECT e.v, r.name FROM events e LEFT JOIN users r ON r.u = e.u`,
    'right join': `SELECT r.name, e.v FROM users r RIGHT JOIN events e ON r.u = e.u`,
    'natural join': `SELECT * FROM events NATURAL JOIN users`,
    'cross join': `SELECT e.v, r.name FROM events e CROSS JOIN users r`,
    'previous partition': `SELECT coalesce(o.u, e.u) AS u, count(e.v) AS n FROM events e LEFT JOIN older o ON o.u = e.u GROUP BY 1`,
    EXISTS: `SELECT r.name FROM users r WHERE EXISTS (SELECT 1 FROM events e WHERE e.u = r.u)`,
    'NOT EXISTS': `SELECT r.name FROM users r WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.u = r.u)`,
    IN: `SELECT v FROM events WHERE u IN (SELECT u FROM users)`,
    'NOT IN': `SELECT v FROM events WHERE u NOT IN (SELECT u FROM users)`,
    'scalar subquery': `SELECT u, count(*) AS n, (SELECT count(*) FROM events) AS total FROM events GROUP BY u`,
    'correlated scalar subquery': `SELECT DISTINCT e.u, (SELECT max(v) FROM events x WHERE x.u = e.u) AS m FROM events e`,
    'lateral join of the author': `SELECT r.u, x.m FROM users r, LATERAL (SELECT max(v) AS m FROM events e WHERE e.u = r.u) AS x`,
    'UNNEST in SELECT': `SELECT t, count(*) AS n FROM (SELECT unnest(tags) AS t FROM events) GROUP BY t`,
    'UNNEST in FROM': `SELECT t.tag, count(*) AS n FROM events, unnest(tags) AS t(tag) GROUP BY 1`,
    this_partition: `SELECT tp.key AS k, tp.starts_at AS s, tp.ends_at AS e, count(v) AS n FROM this_partition tp LEFT JOIN events ON true GROUP BY ALL`,
    'this_partition in a subquery': `SELECT (SELECT key FROM this_partition) AS k, count(*) AS n FROM events`,
    'this_partition in a filter': `SELECT count(*) AS n FROM users WHERE u < (SELECT day(starts_at) FROM this_partition)`,
    UNION: `SELECT u FROM events UNION SELECT u FROM users`,
    'UNION ALL': `SELECT u FROM events UNION ALL SELECT u FROM users`,
    'UNION ALL BY NAME': `SELECT u, v FROM events UNION ALL BY NAME SELECT u, name FROM users`,
    EXCEPT: `SELECT u FROM users EXCEPT SELECT u FROM events`,
    INTERSECT: `SELECT u FROM users INTERSECT SELECT u FROM events`,
    DISTINCT: `SELECT DISTINCT u FROM events`,
    'DISTINCT ON': `SELECT DISTINCT ON (u) u, v FROM events ORDER BY u, v DESC`,
    'count distinct': `SELECT count(DISTINCT u) AS n FROM events`,
    ROLLUP: `SELECT u, count(*) AS n FROM events GROUP BY ROLLUP (u)`,
    'GROUPING SETS': `SELECT u, v % 2 AS w, count(*) AS n FROM events GROUP BY GROUPING SETS ((u), (w), ())`,
    FILTER: `SELECT count(*) FILTER (WHERE u = 1) AS n FROM events`,
    'ordered list': `SELECT u, list(v ORDER BY v) AS l FROM events GROUP BY u`,
    quantile: `SELECT quantile_disc(v, 0.5) AS q FROM events`,
    'no input at all': `SELECT 1 AS a`,
    VALUES: `SELECT * FROM (VALUES (1), (2)) AS t(a)`,
    'star with EXCLUDE and REPLACE': `SELECT * EXCLUDE (tags) REPLACE (v + 1 AS v) FROM events`,
    'trailing comment': `SELECT u FROM events -- the end`,
    struct: `SELECT {'u': u, 'n': count(*)} AS s FROM events GROUP BY u`,
    decimal: `SELECT sum(v::DECIMAL(10, 2)) AS s FROM events`,
    'CASE with aggregates': `SELECT CASE WHEN count(*) = 0 THEN 'none' ELSE 'some' END AS c FROM events`,
    'column named like the batch tables': `SELECT u AS key, v AS part FROM events`,
  },
  loop: {
    'floating-point result': `SELECT avg(v) AS a FROM events`,
    'full join': `SELECT r.name, e.v FROM users r FULL JOIN events e ON r.u = e.u`,
    'semi join': `SELECT r.name FROM users r SEMI JOIN events e ON r.u = e.u`,
    'anti join': `SELECT r.name FROM users r ANTI JOIN events e ON r.u = e.u`,
    'ASOF join': `SELECT r.u, e.v FROM users r ASOF JOIN events e ON r.u >= e.u`,
    'positional join': `SELECT e.v, r.u FROM events e POSITIONAL JOIN users r`,
    'LIMIT that is computed': `SELECT v FROM events ORDER BY v LIMIT (SELECT 2)`,
    'LIMIT in per cent': `SELECT v FROM events ORDER BY v LIMIT 20%`,
    recursion: `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < (SELECT count(*) FROM events)) SELECT max(n) AS m FROM t`,
    pivot: `SELECT * FROM (PIVOT (SELECT u, v FROM events) ON u IN (0, 1) USING count(*))`,
    'expression named like a dataset': `WITH events AS (SELECT 1 AS a) SELECT * FROM events`,
  },
}

const days = ['2021-04-01', '2021-04-02', '2021-04-03', '2021-04-04', '2021-04-05']
let folder = ''
let session: Session
let job: BuildJob
let dealt: DealtInput[]

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-set-'))
  // The fourth day has no rows in any input, the fifth none in `events`.
  const events = await writeDatasetFile(
    folder,
    'events',
    `SELECT '2021-04' AS _partition, (i * 7919) % 7 AS u, i AS v, ['a', 'b' || (i % 2)] AS tags, TIMESTAMP '2021-04-01 05:00:00' + INTERVAL (i % 3) DAY AS at FROM range(60) t(i) UNION ALL SELECT '2021-04', 1, NULL, NULL, NULL`,
  )
  const users = await writeDatasetFile(
    folder,
    'users',
    `SELECT 'all' AS _partition, i AS u, 'n' || i AS name FROM range(4) t(i)`,
  )
  const older = await writeDatasetFile(
    folder,
    'older',
    `SELECT strftime(DATE '2021-03-31' + (i % 4)::INTEGER, '%Y-%m-%d') AS _partition, i % 5 AS u FROM range(12) t(i)`,
  )
  const inputs: JobInput[] = [
    {
      dataset: 'events',
      files: [{ path: events, partitions: ['2021-04'] }],
      deal: { kind: 'period', column: 'at', grain: 'day' },
      columns: null,
    },
    {
      dataset: 'users',
      files: [{ path: users, partitions: null }],
      deal: { kind: 'all' },
      columns: null,
    },
    {
      dataset: 'older',
      files: [{ path: older, partitions: null }],
      deal: {
        kind: 'pairs',
        pairs: days.slice(1).map((partition, index) => ({ partition, input: days[index] ?? '' })),
      },
      columns: null,
    },
  ]
  job = await buildJob(folder, { text: '', grain: 'day', partitions: days, inputs })
  session = await openSession({ ...testLimits, threads: 1 }, job.tempFolder, {
    files: [events, users, older],
    folders: [],
  })
  dealt = await dealInputs(session, job)
})
after(async () => {
  session.close()
  await rm(folder, { recursive: true, force: true })
})

async function rowsOfLoop(text: string): Promise<Row[]> {
  const { select } = await toLoopSelect(
    session,
    { ...job, text },
    dealt,
    new AbortController().signal,
  )
  const rows = await session.rows(`SELECT * FROM (${select}) ORDER BY ALL`)
  await session.run(`DROP TABLE ${GATHERED}`)
  return rows
}

describe('one statement for all partitions gives the rows of one statement for each', () => {
  for (const [name, text] of Object.entries(shapes.set)) {
    test(name, async () => {
      const set = await toSetStatement(session, { ...job, text }, dealt)
      assert.ok(set, 'it runs as one statement')
      const rows = await session.rows(`SELECT * FROM (${set.select}) ORDER BY ALL`)
      assert.deepEqual(rows, await rowsOfLoop(text))
    })
  }
})

describe('what would not be sure to give equal rows runs once for each partition', () => {
  for (const [name, text] of Object.entries(shapes.loop)) {
    test(name, async () => {
      assert.equal(await toSetStatement(session, { ...job, text }, dealt), null)
      assert.ok((await rowsOfLoop(text)).length > 0)
    })
  }
})
