/** An image of the test registry: a Debian root, packages on it, and files from `images/NAME`. */
export interface Recipe {
  readonly name: string;
  readonly tags: readonly string[];
  /** Debian packages, with what they depend on. */
  readonly packages: readonly string[];
  /** The Debian suite that they are of; that of the others when left out. */
  readonly suite?: string;
  /** Packages of npm, each of one version, below a folder in the image; none of their scripts is run. */
  readonly npm?: { readonly folder: string; readonly packages: readonly string[] };
  /** Programs of this machine, by their path in the image. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Who exists beside root and nobody, and their number. */
  readonly users?: Readonly<Record<string, number>>;
  /** Folders made in the image, and whose they are. */
  readonly folders?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** As in the image's manifest. */
  readonly config: Readonly<Record<string, unknown>>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
const ENTRYPOINT = ['/usr/local/bin/docker-entrypoint.sh'];

/** What every image stands on. */
export const BASE_PACKAGES = ['busybox-static', 'libc6', 'libssl3', 'libstdc++6', 'zlib1g'];

/**
 * Named as the images that templates use, and behaving like them in what templates use: data
 * folders, environment, users, health checks. The versions are Debian's, whatever the tag says.
 */
export const recipes: readonly Recipe[] = [
  { name: 'busybox', tags: ['1', 'latest'], packages: [], config: { Cmd: ['sh'] } },
  {
    name: 'hello',
    tags: ['1', 'latest'],
    packages: [],
    config: {
      Cmd: ['busybox', 'httpd', '-f', '-p', '80', '-h', '/www'],
      ExposedPorts: { '80/tcp': {} },
    },
  },
  {
    // For tests of pulling, which remove it first: 12 MB that no other image has.
    name: 'bytes',
    tags: ['1'],
    packages: ['libicu72'],
    config: { Cmd: ['sh'] },
  },
  {
    name: 'redis',
    tags: ['7', '7-alpine', 'latest'],
    packages: ['redis-server', 'redis-tools'],
    users: { redis: 999 },
    folders: { '/data': 'redis' },
    config: {
      Entrypoint: ENTRYPOINT,
      Cmd: ['redis-server'],
      WorkingDir: '/data',
      Volumes: { '/data': {} },
      ExposedPorts: { '6379/tcp': {} },
    },
  },
  {
    name: 'postgres',
    tags: ['17', '17-alpine', 'latest'],
    packages: ['postgresql-15', 'postgresql-client-15'],
    users: { postgres: 999 },
    folders: {
      '/docker-entrypoint-initdb.d': 'root',
      '/run/postgresql': 'postgres',
      '/var/lib/postgresql/data': 'postgres',
    },
    config: {
      Env: [
        `PATH=/usr/lib/postgresql/15/bin:${PATH}`,
        'PGDATA=/var/lib/postgresql/data',
        'LANG=C.UTF-8',
      ],
      Entrypoint: ENTRYPOINT,
      Cmd: ['postgres'],
      StopSignal: 'SIGINT',
      Volumes: { '/var/lib/postgresql/data': {} },
      ExposedPorts: { '5432/tcp': {} },
    },
  },
  {
    name: 'rabbitmq',
    tags: ['4', '3', 'latest'],
    packages: ['rabbitmq-server'],
    users: { rabbitmq: 999 },
    folders: {
      '/etc/rabbitmq/conf.d': 'rabbitmq',
      '/var/lib/rabbitmq': 'rabbitmq',
      '/var/lib/rabbitmq/mnesia': 'rabbitmq',
      '/var/log/rabbitmq': 'rabbitmq',
    },
    config: {
      Env: [`PATH=/usr/lib/rabbitmq/bin:${PATH}`, 'HOME=/var/lib/rabbitmq', 'LANG=C.UTF-8'],
      Entrypoint: ENTRYPOINT,
      Cmd: ['rabbitmq-server'],
      Volumes: { '/var/lib/rabbitmq': {} },
      ExposedPorts: { '5672/tcp': {} },
    },
  },
  {
    name: 'nginx',
    tags: ['1', '1-alpine', 'latest'],
    packages: ['nginx-light', 'curl'],
    users: { 'www-data': 33 },
    folders: { '/var/lib/nginx': 'www-data', '/var/log/nginx': 'root' },
    config: {
      Cmd: ['nginx', '-g', 'daemon off;'],
      StopSignal: 'SIGQUIT',
      ExposedPorts: { '80/tcp': {} },
    },
  },
  {
    name: 'haproxy',
    tags: ['3.2-alpine', 'latest'],
    packages: ['haproxy'],
    config: { Cmd: ['haproxy', '-v'], StopSignal: 'SIGUSR1' },
  },
  {
    name: 'python',
    tags: ['3', '3-alpine', '3-slim', 'latest'],
    packages: ['python3-minimal', 'libpython3-stdlib'],
    links: { '/usr/local/bin/python': '/usr/bin/python3' },
    config: { Cmd: ['python3'] },
  },
  {
    name: 'mariadb',
    tags: ['11', 'latest'],
    packages: ['mariadb-server-core', 'mariadb-client-core', 'mariadb-client'],
    users: { mysql: 999 },
    folders: { '/var/lib/mysql': 'mysql', '/run/mysqld': 'mysql' },
    config: {
      Entrypoint: ENTRYPOINT,
      Cmd: ['mariadbd'],
      Volumes: { '/var/lib/mysql': {} },
      ExposedPorts: { '3306/tcp': {} },
    },
  },
  {
    name: 'nouchka/sqlite3',
    tags: ['latest'],
    packages: ['sqlite3'],
    config: { Entrypoint: ['sqlite3'] },
  },
  {
    name: 'eclipse-mosquitto',
    tags: ['2', 'latest'],
    packages: ['mosquitto', 'mosquitto-clients'],
    users: { mosquitto: 1883 },
    folders: { '/mosquitto/data': 'mosquitto', '/mosquitto/log': 'mosquitto' },
    config: {
      Cmd: ['mosquitto'],
      Volumes: { '/mosquitto/data': {}, '/mosquitto/log': {} },
      ExposedPorts: { '1883/tcp': {} },
    },
  },
  {
    name: 'prom/prometheus',
    tags: ['v3', 'latest'],
    suite: 'trixie',
    packages: ['prometheus'],
    folders: { '/prometheus': 'nobody' },
    config: {
      Entrypoint: ['/usr/bin/prometheus'],
      Cmd: ['--storage.tsdb.path=/prometheus'],
      User: 'nobody',
      WorkingDir: '/prometheus',
      Volumes: { '/prometheus': {} },
      ExposedPorts: { '9090/tcp': {} },
    },
  },
  {
    name: 'syncthing/syncthing',
    tags: ['2', 'latest'],
    suite: 'trixie',
    packages: ['syncthing'],
    users: { syncthing: 1000 },
    folders: { '/var/syncthing': 'syncthing' },
    config: {
      Env: [
        `PATH=${PATH}`,
        'HOME=/var/syncthing',
        'STGUIADDRESS=0.0.0.0:8384',
        'STHOMEDIR=/var/syncthing/config',
      ],
      Entrypoint: ['/bin/entrypoint.sh', '/usr/bin/syncthing'],
      Volumes: { '/var/syncthing': {} },
      ExposedPorts: { '8384/tcp': {}, '22000/tcp': {} },
    },
  },
  {
    name: 'miniflux/miniflux',
    tags: ['2.3.3', 'latest'],
    suite: 'trixie',
    packages: ['miniflux'],
    config: {
      Env: [`PATH=${PATH}`, 'LISTEN_ADDR=0.0.0.0:8080'],
      Cmd: ['/usr/bin/miniflux'],
      User: '65534',
      ExposedPorts: { '8080/tcp': {} },
    },
  },
  {
    name: 'nodered/node-red',
    tags: ['4', 'latest'],
    packages: ['libatomic1'],
    programs: { '/usr/local/bin/node': process.execPath },
    npm: { folder: '/usr/src/node-red', packages: ['node-red@4.1.8'] },
    users: { 'node-red': 1000 },
    folders: { '/data': 'node-red' },
    config: {
      Cmd: ['node', 'node_modules/node-red/red.js', '--userDir', '/data'],
      User: 'node-red',
      WorkingDir: '/usr/src/node-red',
      Volumes: { '/data': {} },
      ExposedPorts: { '1880/tcp': {} },
    },
  },
  {
    name: 'wordpress',
    tags: ['6', 'latest'],
    suite: 'trixie',
    packages: ['wordpress', 'libapache2-mod-php', 'php-mysql', 'curl'],
    users: { 'www-data': 33 },
    folders: { '/var/www/html': 'www-data' },
    config: {
      Entrypoint: ENTRYPOINT,
      Cmd: ['apache2', '-DFOREGROUND'],
      WorkingDir: '/var/www/html',
      Volumes: { '/var/www/html': {} },
      ExposedPorts: { '80/tcp': {} },
    },
  },
  {
    name: 'tomsquest/docker-radicale',
    tags: ['3.8.1.1', 'latest'],
    packages: ['radicale'],
    users: { radicale: 2999 },
    folders: { '/data': 'radicale' },
    config: { Cmd: ['radicale'], Volumes: { '/data': {} }, ExposedPorts: { '5232/tcp': {} } },
  },
  {
    name: 'restic/restic',
    tags: ['0.18.1', 'latest'],
    packages: ['restic', 'ca-certificates'],
    config: { Entrypoint: ['/usr/bin/restic'] },
  },
  {
    name: 'registry',
    tags: ['3', 'latest'],
    packages: ['docker-registry'],
    config: {
      Entrypoint: ['docker-registry'],
      Cmd: ['serve', '/etc/docker/registry/config.yml'],
      Volumes: { '/var/lib/registry': {} },
      ExposedPorts: { '5000/tcp': {} },
    },
  },
  {
    // What deploy/Dockerfile builds on where the real Node image cannot be pulled.
    name: 'cep-base',
    tags: ['24'],
    packages: ['ca-certificates', 'git', 'libatomic1'],
    programs: { '/usr/local/bin/node': process.execPath },
    users: { node: 1000 },
    folders: { '/home/node': 'node', '/srv/cep': 'node' },
    config: { Cmd: ['node'], WorkingDir: '/srv/cep' },
  },
];
