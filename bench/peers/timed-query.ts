// DuckDB's own time for queries over Parquet files: instance and process are up, files were read
// before. Prints milliseconds, one line for each round.
//
//   node bench/peers/timed-query.ts <threads> <rounds> <view definitions> <query> <result.parquet>

import { DuckDBInstance } from '@duckdb/node-api'

const [threads = '1', rounds = '1', views = '', query = '', out = ''] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
for (const view of JSON.parse(views) as string[]) await connection.run(view)
for (let round = 0; round <= Number(rounds); round++) {
  const startedMs = performance.now()
  await connection.run(`COPY (${query}) TO '${out}' (FORMAT parquet)`)
  // The first one warms up.
  if (round > 0) console.log(performance.now() - startedMs)
}
