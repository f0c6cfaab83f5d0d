import { expect, test } from 'vitest'

import { headerLines, suggestChecks } from '~/screens/quality/suggest-checks.ts'

const column = (name: string, more: object) => ({
  name,
  kind: 'values' as const,
  nulls: 0,
  distinct: 100,
  least: null,
  most: null,
  top: [],
  ...more,
})

test('columns without gaps, keys, amounts and short lists suggest checks', () => {
  const profile = {
    rows: 100,
    columns: [
      column('id', { kind: 'number', least: '1', most: '100' }),
      column('Country Code', { nulls: 10, distinct: 2, top: [{ value: "d'e", rows: 60 }, { value: 'at', rows: 30 }] }), // prettier-ignore
      column('change', { kind: 'number', least: '-4', most: '9', nulls: 3, distinct: 12 }),
    ],
  }
  expect(headerLines(suggestChecks(profile)).split('\n')).toEqual([
    '-- check: filled blocking not null id',
    '-- check: id_once blocking unique id',
    '-- check: id_not_negative warning each id >= 0',
    `-- check: country_code_known warning each "Country Code" in ('d''e', 'at') or "Country Code" is null`,
  ])
})

test('few rows suggest nothing, and values that are not all known are no list', () => {
  expect(suggestChecks({ rows: 5, columns: [column('id', {})] })).toEqual([])
  const some = column('city', { nulls: 1, top: [{ value: 'Graz', rows: 9 }, { value: 'Wien', rows: 8 }] }) // prettier-ignore
  expect(suggestChecks({ rows: 100, columns: [some] })).toEqual([])
})
