import pg from 'pg'

const INT8 = 20

/** Row values as the catalog hands them out: `bigint` as a number, for ids and sizes stay below 2^53. */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8
      ? (value: string) => Number(value)
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
}
