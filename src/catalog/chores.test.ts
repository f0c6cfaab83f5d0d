import assert from 'node:assert/strict'
import { test } from 'node:test'

import { takeChore } from '#catalog/chores.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const HOUR_MS = 3_600_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('of all who ask at the same time, one does a chore, once in its time', async () => {
    const { catalog, shiftClock } = open()
    const ask = async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          catalog.asSystem((session) => takeChore(session, 'sweep', HOUR_MS)),
        ),
      )
      return answers.filter((ours) => ours).length
    }
    assert.equal(await ask(), 0, 'a deployment that was just made has nothing to clear up')
    await shiftClock(HOUR_MS + 1_000)
    assert.equal(await ask(), 1)
    assert.equal(await ask(), 0)
    await shiftClock(2 * HOUR_MS + 2_000)
    assert.equal(await ask(), 1)
  })

  test('a clock that was set back does not put a chore off', async () => {
    const { catalog, shiftClock } = open()
    const ask = () => catalog.asSystem((session) => takeChore(session, 'sweep', HOUR_MS))
    await shiftClock(48 * HOUR_MS)
    assert.equal(await ask(), false)
    await shiftClock(0)
    assert.equal(await ask(), true)
    assert.equal(await ask(), false)
  })
})
