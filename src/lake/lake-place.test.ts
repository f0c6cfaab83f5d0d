import assert from 'node:assert/strict'
import { test } from 'node:test'

import { code } from '#lake/conformance.ts'
import { parseLakePlace } from '#lake/lake-place.ts'

test('folders and buckets are told apart', () => {
  for (const folder of ['lake', '/var/lake', './s3/lake', 'C:\\lake', 'a:b']) {
    assert.deepEqual(parseLakePlace(folder), { kind: 'disk', folder })
  }
  const places: [string, string, string][] = [
    ['s3://shop', 'shop', ''],
    ['s3://shop/', 'shop', ''],
    ['S3://shop.eu-1/lake', 'shop.eu-1', 'lake/'],
    ['s3://shop/lake/of=2026//', 'shop', 'lake/of=2026/'],
  ]
  for (const [place, bucket, prefix] of places) {
    assert.deepEqual(parseLakePlace(place), { kind: 's3', bucket, prefix }, place)
  }
})

test('places that mean nothing, or lead elsewhere, are refused with what is wrong', () => {
  const bad: [string, RegExp][] = [
    ['', /it is empty/],
    ['gs://shop/lake', /gs:\/\/ is not supported/],
    ['s3://', /names no bucket/],
    ['s3:///lake', /names no bucket/],
    ['s3://a bucket/lake', /"a bucket" is no name of a bucket/],
    ['s3://shop/../other', /may not hold ".."/],
    ['s3://shop//lake', /may not hold ""/],
    ['s3://shop/.lake', /may not hold ".lake"/],
    ['s3://shop/lake?x=1', /may not hold "lake\?x=1"/],
  ]
  for (const [place, words] of bad) {
    assert.throws(
      () => parseLakePlace(place),
      (error) => words.test(String(error)) && code('lake-place-invalid')(error),
      place,
    )
  }
})
