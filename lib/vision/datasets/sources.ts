/** What the published files are called, where their authors put them, their sizes and their checksums. */

/** One file that can be downloaded. */
export interface SourceFile {
  readonly name: string
  /** MD5 of the whole file, in hexadecimal. */
  readonly md5: string
  /** Bytes, where they were published. */
  readonly size?: number
  /** Where it was published; mirrors that the user names come first. */
  readonly urls: readonly string[]
  /** A tar or zip archive whose files are put into this folder, seen from the archive's own. Default: no archive. */
  readonly unpack?: string
}

const digits = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
]

function idx(bases: readonly string[], published: readonly (readonly [md5: string, size: number])[]): SourceFile[] {
  return published.map(([md5, size], i) => {
    const name = `${digits[i]}.gz`
    return { name, md5, size, urls: bases.map((base) => `${base}${name}`) }
  })
}

function archive(url: string, md5: string, size?: number, unpack = '.'): SourceFile[] {
  return [{ name: url.slice(url.lastIndexOf('/') + 1), md5, ...(size === undefined ? {} : { size }), urls: [url], unpack }]
}

function svhn(split: string, md5: string, size: number): SourceFile[] {
  const name = `${split}_32x32.mat`
  return [{ name, md5, size, urls: [`http://ufldl.stanford.edu/housenumbers/${name}`] }]
}

const kriz = 'https://www.cs.toronto.edu/~kriz'
const brown = 'http://matthewalunbrown.com/patchdata'
const balntas = 'http://icvl.ee.ic.ac.uk/vbalnt'

/** Each place has an archive and a folder of its own. */
const place = (base: string, name: string, md5: string): SourceFile[] =>
  archive(`${base}/${name}.zip`, md5, undefined, name)

/** The files of each data set that can be downloaded, by its name. */
export const sources = {
  MNIST: idx(
    ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'http://yann.lecun.com/exdb/mnist/'],
    [
      ['f68b3c2dcbeaaa9fbdd348bbdeb94873', 9_912_422],
      ['d53e105ee54ea40749a09fcbcd1e9432', 28_881],
      ['9fb629c4189551a2d022fa330f9573f3', 1_648_877],
      ['ec29112dd5afa0611ce80d1b7f02629c', 4_542],
    ],
  ),
  FashionMNIST: idx(
    ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
    [
      ['8d4fb7e6c68d591d4c3dfef9ec88bf0d', 26_421_880],
      ['25c81989df183df01b3e8a0aad5dffbe', 29_515],
      ['bef4ecab320f06d8554ea6380940ec79', 4_422_102],
      ['bb300cfdad3c16e7a12a480ee83cd310', 5_148],
    ],
  ),
  KMNIST: idx(
    ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
    [
      ['bdb82020997e1d708af4cf47b453dcf7', 18_165_135],
      ['e144d726b3acfaa3e44228e80efcd344', 29_497],
      ['5c965bf0a639b31b8f53240b1b52f4d7', 3_041_136],
      ['7320c461ea6c1c855c0b718fb2a4b134', 5_120],
    ],
  ),
  EMNIST: archive(
    'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
    '58c8d27c78d21e728a6bc7b3cc06412e',
    561_753_746,
  ),
  CIFAR10: archive(`${kriz}/cifar-10-python.tar.gz`, 'c58f30108f718f92721af3b95e74349a', 170_498_071),
  CIFAR100: archive(`${kriz}/cifar-100-python.tar.gz`, 'eb9058c3a382ffc7106e4002c42a8d85', 169_001_437),
  STL10: archive(
    'http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
    '91f7769df0f17e558f3565bffb0c7dfb',
    2_640_397_119,
  ),
  SVHN: {
    train: svhn('train', 'e26dedcc434d2e4c54c9b2d4a06d8373', 182_040_794),
    test: svhn('test', 'eb5a983be6a315427106f1b164d9cef3', 64_275_384),
    extra: svhn('extra', 'a93ce644f1a588dc4d68dda5feec44a7', 1_329_278_602),
  },
  PhotoTour: {
    notredame: place(balntas, 'notredame', '509eda8535847b8c0a90bbb210c83484'),
    yosemite: place(balntas, 'yosemite', '533b2e8eb7ede31be40abc317b2fd4f0'),
    liberty: place(balntas, 'liberty', 'fdd9152f138ea5ef2091746689176414'),
    notredame_harris: place(brown, 'notredame_harris', '69f8c90f78e171349abdf0307afefe4d'),
    yosemite_harris: place(brown, 'yosemite_harris', 'a73253d1c6fbd3ba2613c45065c00d46'),
    liberty_harris: place(brown, 'liberty_harris', 'c731fcfb3abb4091110d0ae8c7ba182c'),
  },
} as const
