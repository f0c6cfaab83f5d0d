import assert from 'node:assert/strict'
import { test } from 'node:test'

import { contrastOf, tenantColours } from '#charts/tenant-colours.ts'

test('every colour can be read in both themes, and so can what is written on it', () => {
  const steps = [0, 51, 102, 153, 204, 255].map((value) => value.toString(16).padStart(2, '0'))
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        const colour = `#${red}${green}${blue}`
        const { light, dark } = tenantColours(colour)
        for (const [side, grounds] of [
          [light, ['#f6f7f9', '#ffffff', '#eef0f4']],
          [dark, ['#0d1117', '#151a22', '#1b212b', '#10151c']],
        ] as const) {
          for (const ground of grounds) assert.ok(contrastOf(side.accent, ground) >= 4.5, colour)
          assert.ok(contrastOf(side.accent, side.onAccent) >= 4.5, colour)
        }
      }
    }
  }
})

test('a colour that can be read stays as it is, and one that cannot says so', () => {
  assert.deepEqual(tenantColours('#1d4fd8').light.accent, '#1d4fd8')
  assert.equal(tenantColours('#1d4fd8').light.isAdjusted, false)
  assert.equal(tenantColours('#7ea6ff').dark.accent, '#7ea6ff')
  const yellow = tenantColours('#ffee00')
  assert.deepEqual([yellow.light.isAdjusted, yellow.dark.isAdjusted], [true, false])
  assert.ok(tenantColours('#000000').dark.isAdjusted)
})
