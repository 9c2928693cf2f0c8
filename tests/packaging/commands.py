"""What podman must be told to run the containers of a manifest.

commands.py FOLDER FILE NAME   a line of options, a line of arguments, and a
                               line with the command of the health check

FILE is a manifest of Kubernetes or a compose file, NAME the workload's or the
service's.  Files that a ConfigMap holds are written into FOLDER, and volumes
are folders there, which belong to the user as they do there (fsGroup, uid=).
Only what our own manifests use is known: anything else is an error.
"""
import os
import shlex
import sys

import yaml

USER = 65532  # of the image
SPEC = {'automountServiceAccountToken', 'containers', 'enableServiceLinks',
        'priorityClassName', 'securityContext', 'terminationGracePeriodSeconds',
        'tolerations', 'topologySpreadConstraints', 'volumes'}
CONTAINER = {'args', 'image', 'livenessProbe', 'name', 'ports',
             'readinessProbe', 'resources', 'securityContext', 'startupProbe',
             'volumeMounts'}
SERVICE = {'cap_add', 'cap_drop', 'command', 'image', 'ports', 'read_only',
           'restart', 'security_opt', 'tmpfs', 'user', 'volumes'}


def known(members, names):
    """Fail for what would not be tried out."""
    if members.keys() - names:
        sys.exit(f'not known: {sorted(members.keys() - names)}')


def volume(folder, path):
    """The option for a folder of the user's own."""
    host = os.path.join(folder, path.replace('/', '_'))
    os.mkdir(host, 0o755)
    os.chown(host, USER, USER)
    return f'--volume={host}:{path}'


def of_kubernetes(folder, documents, name):
    """Options, arguments and health check of a workload's only container."""
    files = {d['metadata']['name']: d['data'] for d in documents
             if d['kind'] == 'ConfigMap'}
    spec = next(d for d in documents if d['metadata']['name'] == name
                and 'template' in d.get('spec', {}))['spec']['template']['spec']
    known(spec, SPEC)
    container = spec['containers'][0]
    known(container, CONTAINER)
    pod, own = spec['securityContext'], container['securityContext']
    options = [f"--user={pod['runAsUser']}:{pod['runAsGroup']}"]
    options += [f'--cap-drop={c}' for c in own['capabilities']['drop']]
    options += [f'--cap-add={c}' for c in own['capabilities'].get('add', [])]
    if not own['allowPrivilegeEscalation']:
        options.append('--security-opt=no-new-privileges')
    if own['readOnlyRootFilesystem']:
        options += ['--read-only', '--read-only-tmpfs=false']
    volumes = {v['name']: v for v in spec['volumes']}
    for mount in container['volumeMounts']:
        kind, path = volumes[mount['name']], mount['mountPath']
        if 'emptyDir' in kind:
            options.append(volume(folder, path))
        else:
            config = files[kind['configMap']['name']]
            host = os.path.join(folder, mount['subPath'])
            with open(host, 'w', encoding='utf-8') as f:
                f.write(config[mount['subPath']])
            os.chmod(host, 0o644)
            options.append(f'--volume={host}:{path}:ro')
    return (options, container.get('args', []),
            container['livenessProbe']['exec']['command'])


def of_compose(folder, service):
    """The same of a service; its health check is the image's."""
    known(service, SERVICE)
    options = [f"--user={service['user']}"]
    options += [f'--cap-drop={c}' for c in service['cap_drop']]
    options += [f'--cap-add={c}' for c in service.get('cap_add', [])]
    options += [f'--security-opt={o.removesuffix(":true")}'
                for o in service.get('security_opt', [])]
    if service['read_only']:
        options += ['--read-only', '--read-only-tmpfs=false']
    # podman knows of no owner of a tmpfs
    options += [volume(folder, t.split(':')[0]) for t in service['tmpfs']]
    options += [volume(folder, v.split(':')[1]) for v in service['volumes']]
    return options, service['command'], ['/usr/bin/ntpctl', 'sources']


def main(folder, file, name):
    """Print three lines."""
    with open(file, encoding='utf-8') as f:
        documents = list(yaml.safe_load_all(f))
    if 'services' in documents[0]:
        lines = of_compose(folder, documents[0]['services'][name])
    else:
        lines = of_kubernetes(folder, documents, name)
    for line in lines:
        print(shlex.join(line))


if __name__ == '__main__':
    main(*sys.argv[1:])
