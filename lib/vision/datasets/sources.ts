/** What the published files are called, where their authors put them, and their checksums. */

/** One file that can be downloaded. */
export interface SourceFile {
  readonly name: string
  /** MD5 of the whole file, in hexadecimal. */
  readonly md5: string
  /** Where it was published; mirrors that the user names come first. */
  readonly urls: readonly string[]
  /** A tar archive whose files are put beside it. Default false. */
  readonly unpack?: boolean
}

const digits = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
]

function idx(base: string, sums: readonly string[]): SourceFile[] {
  return digits.map((name, i) => ({ name: `${name}.gz`, md5: sums[i], urls: [`${base}${name}.gz`] }))
}

function tar(name: string, md5: string, base: string): SourceFile[] {
  return [{ name, md5, urls: [`${base}${name}`], unpack: true }]
}

function svhn(split: string, md5: string): SourceFile[] {
  const name = `${split}_32x32.mat`
  return [{ name, md5, urls: [`http://ufldl.stanford.edu/housenumbers/${name}`] }]
}

/** The files of each data set that can be downloaded, by its name. */
export const sources = {
  MNIST: idx('https://ossci-datasets.s3.amazonaws.com/mnist/', [
    'f68b3c2dcbeaaa9fbdd348bbdeb94873',
    'd53e105ee54ea40749a09fcbcd1e9432',
    '9fb629c4189551a2d022fa330f9573f3',
    'ec29112dd5afa0611ce80d1b7f02629c',
  ]),
  FashionMNIST: idx('http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', [
    '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    '25c81989df183df01b3e8a0aad5dffbe',
    'bef4ecab320f06d8554ea6380940ec79',
    'bb300cfdad3c16e7a12a480ee83cd310',
  ]),
  KMNIST: idx('http://codh.rois.ac.jp/kmnist/dataset/kmnist/', [
    'bdb82020997e1d708af4cf47b453dcf7',
    'e144d726b3acfaa3e44228e80efcd344',
    '5c965bf0a639b31b8f53240b1b52f4d7',
    '7320c461ea6c1c855c0b718fb2a4b134',
  ]),
  CIFAR10: tar('cifar-10-python.tar.gz', 'c58f30108f718f92721af3b95e74349a', 'https://www.cs.toronto.edu/~kriz/'),
  CIFAR100: tar('cifar-100-python.tar.gz', 'eb9058c3a382ffc7106e4002c42a8d85', 'https://www.cs.toronto.edu/~kriz/'),
  STL10: tar('stl10_binary.tar.gz', '91f7769df0f17e558f3565bffb0c7dfb', 'http://ai.stanford.edu/~acoates/stl10/'),
  SVHNtrain: svhn('train', 'e26dedcc434d2e4c54c9b2d4a06d8373'),
  SVHNtest: svhn('test', 'eb5a983be6a315427106f1b164d9cef3'),
  SVHNextra: svhn('extra', 'a93ce644f1a588dc4d68dda5feec44a7'),
} as const
