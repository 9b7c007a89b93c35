import { expect, it } from 'vitest'
import { readable } from '../../lib/connection'
import { piecesOf } from './delivery-view'

it('cuts a body at what is searched for', () => {
  expect(piecesOf('{"Text": "text."}', 'TEXT')).toEqual(['{"', 'Text', '": "', 'text', '."}'])
  expect(piecesOf('a.b', '.')).toEqual(['a', '.', 'b'])
  expect(piecesOf('abc', '')).toEqual(['abc'])
  expect(piecesOf('abc', '(')).toEqual(['abc'])
})

it('indents JSON and leaves the rest', () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(readable('not {json')).toBe('not {json')
})
