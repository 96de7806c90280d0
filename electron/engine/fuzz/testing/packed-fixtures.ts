// Archives that cannot be made again byte for byte, because they hold salts or the time they were made at.
// Made by 7-Zip 24.09 around the infected marker (shared/testing/samples.ts) and a text, then compressed once more with gzip,
// so that no rule matches these bytes as they are here, and written with their first letters alone for the same reason. The password is `secret`.
import { gunzipSync } from 'node:zlib'

const packed = {
  wim: [
    'H4',
    'sIAAAAAAACA+2UP2gTURzHP4mNVKXFqQiihA4dhKSJ0aTCGb0kl/QguWhyklhc+ufEWJqUy4nBUpuiQxcRHJSCk5ugg4uIDoIi3aSDOOmim6NChwqe',
    '5O6iNn+khSIOfQfv3ff3vr/v7/d778fL5AtyBlgF6HNRxx6nX/d+0QYqY8tvv589vPDwnYvGB3ftbferHvvHwTxz2/aiZwP+52NuTtdmKobmm9UrhjZp',
    'lCpln6FVDd/MuD6t6b5S+aI2aWhT8/NXK/pU1bsz78zbO/c6nXjJWffXTdE0TbO22Rb+7Pm2b+Gja6ud39T31p8uNuJt3nPxzpNrH1z91UdDt1KCUlhf',
    'uT3w9YVy7/3zG63MvYzjZ4IS5W2LGxYeHBo7vueTfmHp8XLf0PWwx3+lPe4EfgxqGG0qR5x1tQXb71WnqorO27TuMJvY9uiUz6x9G+7cLpvpYMdj7WXk',
    'gHYqouw+2H/z/srl6HTP0hvzh0ABmQxRBFSyqIikiXEeFYk8UYKECDOCwHAXhmApiKSQ8CKjkECiyEkGCTJoMRREMkiWXkPpNxZIIJMjTpZzKKhECVic',
    'drtAEpk00gbrUYvdaadbTWGOOV7dKoqTQ0JERSZrqcm/8h1FJsUoZxDJOfnWCBAkQYIISQLELPV2pkCaLIUW3yQhApwgRogRkpZvK69h+1tWaUTyqGTI',
    'WifXOI/4f1fBVrIc/qOvbNzs1Z/TMtfNEAgAAA==',
  ],
  'zip-locked': [
    'H4',
    'sIAAAAAAACAwvwZmYxZmBkSGZgYFCMYWBgYHBjYGDQYmBgYGXgZkjUS8rMY5zJzsDE4OjKzMBwY8OlPUUam6fOfMAWn+i51Tcl6+2f02++yjn6KH7q',
    'LvddpupU8dH/ftRJA+eulVPkDQ5vLgnVv194bbNES9iUVQkNHHqrU6bl/wrAsNOMgYEhggliZ5JeSUUJ3E4Ohl1GT56VsbU9X9ev5MHTOUMw8+eblm+3',
    'Naf4tiRvMWR1CZ95j3PZlXnr9IOtlvvvq7p2pL+hyHbbwwBvRiZ7Zlw+02eAAIWGbY0gGuxPLgYFsCAjgwSQbJy0seoOIwMaQAoLbDYg/IFsQwkDA8RX',
    'JNnAwRDgzcoGEmJiYGI4AjT5BlgBAHmxa1eyAQAA',
  ],
  '7z-locked': [
    'H4',
    'sIAAAAAAACAzOv2rNeXYaBJWreQaZ9DBCgCKXnmyw3edJ8I07IbundNfuswq9WBjNH5YSw9j2LzNmxdf1L8T+L55qW5y0IdGvkjOxzVTn7sMZH8sXr',
    'U0lzuIOFS5fEyd4qjWNgaDRmX8d/8dPvvw67p6RYWy6pep6l7Cah4r1Cz/4/q+PBnHDdVy6iq/0PFvmv+iXur7ft7s/TnhIGfq+fxhbrP4s9vd87KGDN',
    'ynfSH66+77fYfTd50r6VE7fPcT/yTyj1wLQr61PbrHp3L1rpePnqB8ndWjx663edry6KOaASKm3PwMAgzubAyFnHwM7NyMCozMzIyBrLIMDAwNPQx8XY',
    'P1FTjYEBAB5/Qqr/AAAA',
  ],
  '7z-hidden': [
    'H4',
    'sIAAAAAAACAwEdAeL+N3q8ryccAARkIEwuwAAAAAAAAAA9AAAAAAAAAOM7nW9F6RMMmR7gs6RPqnMJZrts41mQ+vsDeJ/WkE/yJIHNYR6Z4YCgfvp6',
    'QWJaPozRJWuzNE1q41pMRlv/o6l5c6h8lizLufwKLvtXZQoK2yebN9YZI6PqU74G9UyXJ8h15bUfBcQcjH2TEseZxSpg/fko3VwZAYM0YSG8vZ6uzaOE',
    'gNo5jRb4zrfGIppFDlcljhtEjnBdj46feBU9h5DjZb8rudIeIq5uO4dHiiXoNNyubLdAj/I82x7waAzZqE6PpNYXBkABCYCAAAcLAQACJAbxBwESUw+r',
    'zG+1poQaRUA2ZXvqQyp2IwMBAQVdABAAAAEADH2AjgoBzauQBwAAnUuERR0BAAA=',
  ],
} as const

export function packedFixture(name: keyof typeof packed): Buffer {
  return gunzipSync(Buffer.from(packed[name].join(''), 'base64'))
}
