import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertPassword } from '#auth/password-policy.ts'

const anna = { email: 'anna.berg@fjordfish.example', name: 'Anna Ødegård' }
const isTaken = (password: string): boolean => {
  try {
    assertPassword(password, anna)
    return true
  } catch (error) {
    assert.equal((error as { code: string }).code, 'password-weak')
    return false
  }
}

test('ten characters and more that nobody would guess are enough, of any kind', () => {
  for (const password of [
    'graue Katze 17 Meter',
    'correct horse battery staple',
    'xkv-2mq-9pt-wz',
    'тихий пруд и щука',
    '海は広いな大きいな月が',
    '🦊🐢🎈🧊🎻🪁🍋🧭🥁🪴',
    'j'.repeat(5) + 'kqzvw' + '!'.repeat(5),
    'a b c d e f g h i j k l m n',
    'Robert"); DROP TABLE students;--',
  ]) {
    assert.equal(isTaken(password), true, password)
  }
})

test('what is short, long, common or much like its owner is not', () => {
  for (const password of [
    '',
    'kqzvw7x2',
    '🦊🐢🎈🧊🎻🪁🍋🧭🥁',
    'k'.repeat(201),
    'password123',
    'P@ssw0rd2024!',
    'Passwort!!!1',
    'qwertyuiop',
    'QWERTZUIOP1',
    '1234567890',
    '0987654321!!',
    'aaaaaaaaaaaa',
    'abababababab',
    '1q2w3e4r5t6y',
    '1qaz2wsx3edc',
    'iloveyou-forever',
    'letmein-letmein',
    'AdminAdmin1',
    'Welcome2024',
    'changeme-please',
    'Summer2026!!',
    'millrace2026',
    'anna.berg@fjordfish.example',
    'Anna.Berg.2024',
    'fjordfish2025',
    'fjordfish-fjordfish',
    'ＰＡＳＳＷＯＲＤ１２３４',
  ]) {
    assert.equal(isTaken(password), false, password)
  }
})
