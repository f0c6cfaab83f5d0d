import { describe, expect, it } from 'vitest'

import { sqlOf } from '~/screens/explore/as-sql.ts'
import { questionOf, type Question } from '~/rows/question.ts'

const asked = (address: Readonly<Record<string, string>>): Question => {
  const question = questionOf({ dataset: 'd', ...address })
  if (question === null) throw new Error('no question')
  return question
}

describe('a question as SQL', () => {
  it('keeps values values', () => {
    expect(sqlOf(asked({ where: `[["a\\"b","eq","it's"]]` }))).toBe(
      `SELECT *\nFROM "d"\nWHERE "a""b" = 'it''s'`,
    )
  })

  it('names the columns that are shown, and compares decimals with all their digits', () => {
    const columns = [
      { name: 'day', type: 'DATE' },
      { name: 'price', type: 'DECIMAL(18,2)' },
    ]
    const where = JSON.stringify([
      ['price', 'gt', '1.555'],
      ['day', 'in', '["2021-04-01","2021-04-02"]'],
    ])
    expect(sqlOf(asked({ where, sort: '-price' }), columns)).toBe(
      `SELECT "day", "price"\nFROM "d"\nWHERE "price" > 1.555\n  AND "day" IN ('2021-04-01', '2021-04-02')\nORDER BY "price" DESC NULLS LAST`,
    )
  })

  it('reads the parts that were asked for, also by a longer period and from one to another', () => {
    expect(sqlOf(asked({ partition: '2021-04' }))).toContain(
      `WHERE starts_with("partition", '2021-04')`,
    )
    expect(sqlOf(asked({ partition: '2021..2022-06' }))).toContain(
      `WHERE left("partition", 4) >= '2021' AND left("partition", 7) <= '2022-06'`,
    )
  })

  it('says beside the SELECT what no SELECT can say', () => {
    expect(sqlOf(asked({ partition: 'exam-17', as_of: '17' }))).toBe(
      `-- asked with {"partitions":{"d":"exam-17"},"asOf":"17"}\nSELECT *\nFROM "d"`,
    )
  })
})
