// The part of the boot script that is the same for every node.

extension UserData {
    /// From the limits to the programs; it expects the variables that ``script()`` sets.
    static let body = #"""
        # Makes this instance a node of a loadfleet fleet. The line above ends it with its lease,
        # whatever becomes of the rest; an instance that shuts down is terminated.
        set -u
        export DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

        say() { echo "loadfleet: $*"; }
        # An instance that can't be a node must not cost anything for longer.
        fail() { say "this instance can't become a node: $*"; sync; shutdown -h now; exit 1; }

        # The lease to the second, on a clock that only goes forward, where this clock is believable.
        left=$((end - $(date +%s)))
        [ "$left" -gt 0 ] || fail "the lease is over"
        if [ "$left" -le $((minutes * 60)) ]; then
          systemd-run --quiet --unit=loadfleet-lease --on-active="${left}s" \
            --timer-property=AccuracySec=1s shutdown -h now || say "the lease is armed by minutes only"
        fi
        [ "$(uname -m)" = "$machine" ] || fail "it is $(uname -m), and the fleet is $machine"

        # Many connections: ports for clients, their early reuse, maps for threads' stacks.
        cat >/etc/sysctl.d/90-loadfleet.conf <<'LIMITS'
        net.ipv4.ip_local_port_range = 1024 65535
        net.ipv4.tcp_tw_reuse = 1
        net.core.somaxconn = 65535
        vm.max_map_count = 1048576
        kernel.threads-max = 1048576
        kernel.pid_max = 1048576
        LIMITS
        sysctl --quiet --load /etc/sysctl.d/90-loadfleet.conf || say "some kernel limits stay as they were"

        imds=http://169.254.169.254/latest
        ask() { curl -sSf --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$imds/$1"; }
        field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$credentials" | head -n 1; }
        # The role may take some seconds to appear.
        credentials=
        for _ in $(seq 60); do
          token=$(curl -sSf --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' \
            "$imds/api/token") &&
            name=$(ask meta-data/iam/security-credentials/ | head -n 1) && [ -n "$name" ] &&
            credentials=$(ask "meta-data/iam/security-credentials/$name") &&
            [ -n "$(field SecretAccessKey)" ] && break
          credentials=
          sleep 1
        done
        [ -n "$credentials" ] || fail "it has no role"

        # Fetches an object and checks what it is. The secret goes by a pipe, not by an argument.
        fetch() {
          local key=$1 sha256=$2 target=$3
          echo "$sha256  $target" | sha256sum --check --status 2>/dev/null && return
          for attempt in 1 2 3 4 5; do
            curl -sSf --connect-timeout 10 --max-time 600 --aws-sigv4 "aws:amz:$region:s3" \
              --output "$target.part" --config - "$objects/$key" <<CONFIG &&
        user = "$(field AccessKeyId):$(field SecretAccessKey)"
        header = "x-amz-security-token: $(field Token)"
        header = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        CONFIG
              echo "$sha256  $target.part" | sha256sum --check --status &&
              mv "$target.part" "$target" && return
            say "attempt $attempt to fetch $key failed"
            sleep "$attempt"
          done
          fail "$key can't be fetched whole"
        }

        mkdir -p /opt/loadfleet/bin /opt/loadfleet/jmeter /var/lib/loadfleet
        command -v curl >/dev/null || fail "the image has no curl"
        fetch "$program_key" "$program_sha256" /opt/loadfleet/bin/loadfleet
        chmod 755 /opt/loadfleet/bin/loadfleet
        if [ "$(cat /opt/loadfleet/jmeter/.sha256 2>/dev/null)" != "$jmeter_sha256" ]; then
          fetch "$jmeter_key" "$jmeter_sha256" /opt/loadfleet/jmeter.tgz
          tar -xzf /opt/loadfleet/jmeter.tgz -C /opt/loadfleet/jmeter --strip-components 1 ||
            fail "JMeter can't be unpacked"
          rm /opt/loadfleet/jmeter.tgz
          echo "$jmeter_sha256" >/opt/loadfleet/jmeter/.sha256
        fi

        # What a prebaked image has need not be installed.
        program_runs() { /opt/loadfleet/bin/loadfleet --version >/dev/null 2>&1; }
        find_java() {
          local java
          [ -x /opt/loadfleet/java/bin/java ] && return
          # The folder, since keytool stands there, too.
          for java in "$(command -v java)" /usr/lib/jvm/*/bin/java; do
            [ -x "$java" ] && ln -sfn "$(dirname "$(dirname "$(readlink -f "$java")")")" \
              /opt/loadfleet/java && return
          done
          return 1
        }
        if ! find_java || ! program_runs; then
          for attempt in 1 2 3; do
            if command -v apt-get >/dev/null; then
              apt-get -qq update && apt-get -qq -y --no-install-recommends install \
                openjdk-17-jre-headless libcurl4 libssl3 libxml2 libyaml-0-2 libzstd1 zlib1g && break
            elif command -v dnf >/dev/null; then
              dnf -q -y install java-17-amazon-corretto-headless libxml2 libyaml libzstd zlib && break
            else
              fail "it has neither Java nor apt-get nor dnf"
            fi
            say "attempt $attempt to install packages failed"
            sleep 5
          done
        fi
        find_java || fail "it has no Java, and none could be installed"
        program_runs || fail "loadfleet does not run here: $(/opt/loadfleet/bin/loadfleet --version 2>&1 | tail -n 1)"
        """#
}
