import { expect, it } from 'vitest'
import { readPhone } from './phone-input'

it.each([
  ['+1 (650) 555-1234', { digits: '16505551234' }],
  ['0049 170 1234567', { digits: '491701234567' }],
  ['16505551234', { digits: '16505551234' }],
  ['+٩٦٦٥٠١٢٣٤٥٦٧', { digits: '966501234567' }],
  ['\u202A+5511955501234\u202C', { digits: '5511955501234' }],
  ['', { problem: 'empty' }],
  [' + ', { problem: 'empty' }],
  ['+1 650 CALL', { problem: 'letters' }],
  ['123+456789', { problem: 'letters' }],
  ['123456', { problem: 'short' }],
  ['1234567890123456', { problem: 'long' }],
])('%j', (typed, read) => {
  expect(readPhone(typed)).toEqual(read)
})
