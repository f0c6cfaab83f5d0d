// The main job in plain DuckDB, as an experienced user would write it: default settings, all threads,
// one connection, the file converted to Parquet once, tables in memory between the queries, every
// result written as Parquet. No checks, hashes, transactions or history.
//
//   node bench/peers/events-in-duckdb.ts <events.csv> <folder of references> <empty folder> <yyyy-mm>

import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'

export const conversion = (csv: string) => `
  SELECT
    id,
    try_cast(timestamp AS TIMESTAMP) AS timestamp,
    email,
    country,
    ip,
    uri,
    action,
    CASE
      WHEN contains(tags, '"')
        THEN list_transform(regexp_extract_all(tags, '''[^'']*''|"[^"]*"'), lambda tag: tag[2:-2])
      WHEN tags = '[]' THEN []
      ELSE string_split(tags[3:-3], ''', ''')
    END AS tags,
    CASE WHEN contains(email, '@') THEN nullif(lower(split_part(email, '@', -1)), '') END AS email_domain
  FROM read_csv('${csv}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    nullstr = '\\N', ignore_errors = true,
    columns = {id: 'VARCHAR', timestamp: 'VARCHAR', email: 'VARCHAR', country: 'VARCHAR', ip: 'VARCHAR',
      uri: 'VARCHAR', action: 'VARCHAR', tags: 'VARCHAR'})
  WHERE try_cast(timestamp AS TIMESTAMP) IS NOT NULL AND tags LIKE '[%]'`

const references = (folder: string) => [
  `CREATE TABLE public_suffixes AS
    SELECT
      ltrim(replace(rule, '*.', ''), '!') AS suffix,
      starts_with(rule, '!') AS is_exception,
      len(string_split(rule, '.')) - CASE WHEN starts_with(rule, '!') THEN 1 ELSE 0 END AS labels
    FROM read_csv('${folder}/public_suffixes.csv', header = true, all_varchar = true)`,
  `CREATE TABLE mail_providers AS
    SELECT domain FROM read_csv('${folder}/mail_providers.csv', header = true, all_varchar = true)`,
]

/** Results in the order in which they follow from each other; each is a table of its name. */
export const queries: Readonly<Record<string, (month: string) => string>> = {
  users_by_day: () => `
    SELECT CAST(timestamp AS DATE) AS day, email, email_domain, count(*) AS events
    FROM events GROUP BY ALL`,
  events_by_period: (month) => `
    SELECT CAST(timestamp AS DATE) AS day, year(timestamp) AS year, month(timestamp) AS month,
      isodow(timestamp) AS weekday, count(*) AS events, strftime(timestamp, '%Y-%m') <> '${month}' AS spill
    FROM events GROUP BY ALL`,
  events_by_day: () => `
    SELECT day, year(day) AS year, month(day) AS month, isodow(day) AS weekday,
      CAST(sum(events) AS BIGINT) AS events, count(*) FILTER (email <> '') AS users
    FROM users_by_day GROUP BY ALL`,
  events_by_weekday: () => `
    SELECT strftime(day, '%Y-%m') AS month, weekday, dayname(day) AS name, count(*) AS days,
      CAST(sum(events) AS BIGINT) AS events
    FROM events_by_day GROUP BY ALL`,
  top_users: () => `
    SELECT month, rank, email, events, tied
    FROM (
      SELECT month, email, events,
        rank() OVER (PARTITION BY month ORDER BY events DESC) AS rank,
        row_number() OVER (PARTITION BY month ORDER BY events DESC, email) AS place,
        count(*) OVER (PARTITION BY month, events) AS tied
      FROM (
        SELECT strftime(day, '%Y-%m') AS month, email, CAST(sum(events) AS BIGINT) AS events
        FROM users_by_day WHERE email <> '' GROUP BY ALL
      )
    ) WHERE place <= 100`,
  domains_by_month: () => `
    WITH domains AS (
      SELECT strftime(day, '%Y-%m') AS month, email_domain, CAST(sum(events) AS BIGINT) AS events,
        count(DISTINCT email) FILTER (email <> '') AS users
      FROM users_by_day GROUP BY ALL
    ),
    labelled AS (
      SELECT DISTINCT email_domain, string_split(email_domain, '.') AS labels
      FROM domains
      WHERE regexp_full_match(email_domain, '([\\pL\\pM\\pN]([\\pL\\pM\\pN-]*[\\pL\\pM\\pN])?\\.)+[\\pL\\pM\\pN-]*\\pL[\\pL\\pM\\pN-]*')
    ),
    endings AS (
      SELECT email_domain, labels, array_to_string(labels[unnest(range(1, len(labels) + 1)) :], '.') AS ending
      FROM labelled
    ),
    suffixes AS (
      SELECT email_domain, e.labels,
        coalesce(max(r.labels) FILTER (r.is_exception), max(r.labels), 1) AS suffix_labels
      FROM endings AS e
      LEFT JOIN public_suffixes AS r ON r.suffix = e.ending AND r.labels <= len(e.labels)
      GROUP BY email_domain, e.labels
    ),
    registrable AS (
      SELECT email_domain, array_to_string(labels[len(labels) - suffix_labels :], '.') AS company
      FROM suffixes WHERE len(labels) > suffix_labels
    )
    SELECT d.month, d.email_domain,
      CASE WHEN m.domain IS NOT NULL THEN 'mail provider'
        WHEN r.company IS NOT NULL THEN 'company' ELSE 'unusable' END AS kind,
      CASE WHEN m.domain IS NULL THEN r.company END AS company, d.events, d.users
    FROM domains AS d
    LEFT JOIN registrable AS r ON r.email_domain = d.email_domain
    LEFT JOIN mail_providers AS m ON m.domain = d.email_domain`,
  events_by_month: () => `
    SELECT month, d.events, d.days, u.users
    FROM (
      SELECT strftime(day, '%Y-%m') AS month, CAST(sum(events) AS BIGINT) AS events, count(*) AS days
      FROM events_by_day GROUP BY ALL
    ) AS d
    JOIN (SELECT month, CAST(sum(users) AS BIGINT) AS users FROM domains_by_month GROUP BY ALL) AS u
      USING (month)`,
  events_by_year: () => `
    SELECT month[:4] AS year, CAST(sum(events) AS BIGINT) AS events, count(*) AS months,
      CAST(sum(days) AS BIGINT) AS days
    FROM events_by_month GROUP BY ALL`,
  companies_by_month: () => `
    SELECT month, company, CAST(sum(events) AS BIGINT) AS events, CAST(sum(users) AS BIGINT) AS users
    FROM domains_by_month WHERE kind = 'company' GROUP BY ALL`,
  top_companies: () => `
    SELECT month, rank, company, events, users, tied
    FROM (
      SELECT *, rank() OVER (PARTITION BY month ORDER BY events DESC) AS rank,
        row_number() OVER (PARTITION BY month ORDER BY events DESC, company) AS place,
        count(*) OVER (PARTITION BY month, events) AS tied
      FROM companies_by_month
    ) WHERE place <= 100`,
  company_coverage: () => `
    SELECT month, CAST(sum(events) AS BIGINT) AS events,
      CAST(coalesce(sum(events) FILTER (kind = 'company'), 0) AS BIGINT) AS of_companies,
      CAST(coalesce(sum(events) FILTER (kind = 'mail provider'), 0) AS BIGINT) AS of_mail_providers,
      CAST(coalesce(sum(events) FILTER (kind = 'unusable'), 0) AS BIGINT) AS unusable,
      count(DISTINCT company) AS companies
    FROM domains_by_month GROUP BY ALL`,
  known_companies: () => `
    SELECT m.month, c.company, min(c.month) AS first_month
    FROM (SELECT DISTINCT month FROM companies_by_month) AS m
    JOIN companies_by_month AS c ON c.month <= m.month
    GROUP BY ALL`,
  companies_new_returning: () => `
    SELECT k.month, count(c.company) AS companies,
      count(c.company) FILTER (k.first_month = k.month) AS new_companies,
      count(c.company) FILTER (k.first_month < k.month) AS returning_companies,
      count(*) AS known_companies,
      CAST(coalesce(sum(c.events) FILTER (k.first_month = k.month), 0) AS BIGINT) AS new_events,
      CAST(coalesce(sum(c.events) FILTER (k.first_month < k.month), 0) AS BIGINT) AS returning_events
    FROM known_companies AS k
    LEFT JOIN companies_by_month AS c ON c.company = k.company AND c.month = k.month
    GROUP BY ALL`,
}

/** The quality card is the pack's own query: its judgement of rows is long, and the same for both. */
export async function qualityQuery(packFolder: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(join(packFolder, 'analyses', 'quality_card.sql'), 'utf8')
}

async function main(): Promise<void> {
  const [csv, pack, out, month] = process.argv.slice(2) as [string, string, string, string]
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${conversion(csv)}) TO '${out}/events.parquet' (FORMAT parquet)`)
  await connection.run(`CREATE VIEW events AS FROM '${out}/events.parquet'`)
  await connection.run(`CREATE TABLE this_partition AS SELECT '${month}' AS key,
    TIMESTAMP '${month}-01' AS starts_at, TIMESTAMP '${month}-01' + INTERVAL 1 MONTH AS ends_at`)
  for (const sql of references(join(pack, 'reference'))) await connection.run(sql)
  const all = Object.entries(queries).map(([name, sql]) => [name, sql(month)] as const)
  for (const [name, sql] of [...all, ['quality_card', await qualityQuery(pack)] as const]) {
    await connection.run(`CREATE TABLE ${name} AS ${sql}`)
    await connection.run(`COPY ${name} TO '${out}/${name}.parquet' (FORMAT parquet)`)
  }
}

if (import.meta.main) await main()
