using System;
using System.Collections.Generic;

namespace FerroLB.Tests.Deploy;

/// <summary>
/// What each custom resource definition must allow, as <see cref="CrdOutline"/> writes it. A line that is indented further continues
/// the one before.
/// </summary>
internal static class CrdTables
{
    /// <summary>What every standard selector checks besides its schema.</summary>
    public const string ValuesRule =
        "self.operator in ['Exists', 'DoesNotExist'] ? !has(self.values) || size(self.values) == 0 : " +
        "has(self.values) && size(self.values) > 0";

    private const string Octet = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private const string Dotted = $"({Octet}[.]){{3}}{Octet}";
    private const string Part = "0*([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

    // Long patterns stand in the tables by these names.
    private static readonly SortedDictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["<dotted>"] = Dotted,
        ["<address>"] = $"'^({Dotted}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$'",
        ["<duration>"] = "'^[+]?(0|([0-9]+[.]?[0-9]*|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h))+$'",
        ["<community>"] = $"'^({Part}:{Part}|large(:[0-9]{{1,10}}){{3}})$'",
    };

    /// <summary>The table of a kind, with continued lines joined.</summary>
    public static string Of(string kind)
    {
        var table = ByKind[kind].ReplaceLineEndings("\n").Replace("\n        ", " ", StringComparison.Ordinal).Trim();
        foreach (var (name, pattern) in Patterns)
            table = table.Replace(name, pattern, StringComparison.Ordinal);
        return table;
    }

    public static SortedDictionary<string, string> ByKind { get; } = new(StringComparer.Ordinal)
    {
        ["IPAddressPool"] = """
            IPAddressPool v1beta1 (storage)
              | Auto Assign | boolean .spec.autoAssign
              | Avoid Buggy IPs | boolean .spec.avoidBuggyIPs
              | Addresses | string .spec.addresses
              spec: object required
              spec.addresses[]: string required, items <= 10000, rule size(self) > 0, length <= 90,
                    rule self.matches('^\\s*[0-9a-fA-F:.]+(/[0-9]{1,3}|\\s*-\\s*[0-9a-fA-F:.]+\\s*)$'),
                    rule self.contains(':') ||
                    self.matches('^\\s*([0-9]{1,3}[.]){3}[0-9]{1,3}(/([12]?[0-9]|3[0-2])|\\s*-\\s*([0-9]{1,3}[.]){3}[0-9]{1,3}\\s*)$'),
                    rule !self.matches('(25[6-9]|2[6-9][0-9]|[3-9][0-9]{2})[.]|[.](25[6-9]|2[6-9][0-9]|[3-9][0-9]{2})'),
                    rule !self.matches('/(129|1[3-9][0-9]|[2-9][0-9]{2})$')
              spec.autoAssign: boolean, default true
              spec.avoidBuggyIPs: boolean, default false
              spec.serviceAllocation: object
              spec.serviceAllocation.priority: integer
              spec.serviceAllocation.namespaces[]: string
              spec.serviceAllocation.namespaceSelectors[]: LabelSelector
              spec.serviceAllocation.serviceSelectors[]: LabelSelector
              status: object
              status.assignedIPv4: integer required, int64
              status.assignedIPv6: integer required, int64
              status.availableIPv4: integer required, int64
              status.availableIPv6: integer required, int64
            """,
        ["L2Advertisement"] = """
            L2Advertisement v1beta1 (storage)
              | IPAddressPools | string .spec.ipAddressPools
              | IPAddressPool Selectors | string .spec.ipAddressPoolSelectors
              | Interfaces | string .spec.interfaces
              | Node Selectors | string .spec.nodeSelectors priority 10
              spec: object
              spec.ipAddressPools[]: string
              spec.ipAddressPoolSelectors[]: LabelSelector
              spec.nodeSelectors[]: LabelSelector
              spec.interfaces[]: string
              spec.serviceSelectors[]: LabelSelector
              spec.preferredNodeSelectors[]: object
              spec.preferredNodeSelectors[].preference: LabelSelector required
              spec.preferredNodeSelectors[].weight: integer required, int32, >= 1, <= 100
              status: object
            """,
        ["BGPAdvertisement"] = """
            BGPAdvertisement v1beta1 (storage)
              | IPAddressPools | string .spec.ipAddressPools
              | IPAddressPool Selectors | string .spec.ipAddressPoolSelectors
              | Peers | string .spec.peers
              | Node Selectors | string .spec.nodeSelectors priority 10
              spec: object, rule !has(self.serviceSelectors) || size(self.serviceSelectors) == 0 ||
                    ((!has(self.aggregationLength) || self.aggregationLength == 32) &&
                    (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))
              spec.aggregationLength: integer, int32, default 32, >= 1, <= 32
              spec.aggregationLengthV6: integer, int32, default 128, >= 0, <= 128
              spec.localPref: integer, int32, >= 0
              spec.communities[]: string
              spec.ipAddressPools[]: string
              spec.ipAddressPoolSelectors[]: LabelSelector
              spec.nodeSelectors[]: LabelSelector
              spec.peers[]: string
              spec.serviceSelectors[]: LabelSelector
              status: object
            """,
        ["BGPPeer"] = """
            BGPPeer v1beta1 (deprecated)
              | Address | string .spec.peerAddress
              | ASN | string .spec.peerASN
              | BFD Profile | string .spec.bfdProfile
              | Multi Hops | string .spec.ebgpMultiHop
              spec: object
              spec.myASN: integer required, int64, >= 0, <= 4294967295
              spec.peerASN: integer required, int64, >= 0, <= 4294967295
              spec.peerAddress: string required
              spec.sourceAddress: string
              spec.peerPort: integer, >= 0, <= 16384
              spec.holdTime: string
              spec.keepaliveTime: string
              spec.routerID: string
              spec.nodeSelectors[]: object
              spec.nodeSelectors[].matchExpressions[]: object
              spec.nodeSelectors[].matchExpressions[].key: string required
              spec.nodeSelectors[].matchExpressions[].operator: string required
              spec.nodeSelectors[].matchExpressions[].values[]: string required, items >= 1
              spec.nodeSelectors[].matchLabels: object
              spec.password: string
              spec.bfdProfile: string
              spec.ebgpMultiHop: boolean
              status: object
            BGPPeer v1beta2 (storage)
              | Address | string .spec.peerAddress
              | ASN | string .spec.peerASN
              | BFD Profile | string .spec.bfdProfile
              | Multi Hops | string .spec.ebgpMultiHop
              spec: object,
                    rule (has(self.peerASN) && self.peerASN != 0) != has(self.dynamicASN),
                    rule (has(self.peerAddress) && self.peerAddress != '') != (has(self.interface) && self.interface != ''),
                    rule !has(self.ebgpMultiHop) || !self.ebgpMultiHop || !has(self.peerASN) || self.peerASN != self.myASN,
                    rule !has(self.password) || self.password == '' || !has(self.passwordSecret) ||
                    !has(self.passwordSecret.name) || self.passwordSecret.name == '',
                    rule !has(self.holdTime) || !has(self.keepaliveTime) || !self.holdTime.matches(<duration>) ||
                    !self.keepaliveTime.matches(<duration>) || duration(self.keepaliveTime) <= duration(self.holdTime),
                    rule has(self.holdTime) || !has(self.keepaliveTime) || !self.keepaliveTime.matches(<duration>) ||
                    duration(self.keepaliveTime) <= duration('333ms') || duration(self.keepaliveTime) >= duration('1s')
              spec.myASN: integer required, int64, >= 0, <= 4294967295, rule self != 0
              spec.peerASN: integer, int64, >= 0, <= 4294967295
              spec.dynamicASN: string, one of internal external
              spec.localASN: integer, int64, >= 1, <= 4294967295
              spec.peerAddress: string, length <= 64, rule self == '' || self.matches(<address>)
              spec.interface: string
              spec.sourceAddress: string, length <= 64, rule self == '' || self.matches(<address>)
              spec.peerPort: integer, default 179, >= 1, <= 16384
              spec.holdTime: string, length <= 64, rule self.matches(<duration>),
                    rule !self.matches(<duration>) || (duration(self) < duration('65536s') &&
                    (duration(self) < duration('1s') || duration(self) >= duration('3s')))
              spec.keepaliveTime: string, length <= 64, rule self.matches(<duration>)
              spec.connectTime: string, length <= 64, rule duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535,
                    rule duration(self).getMilliseconds() % 1000 == 0
              spec.routerID: string, length <= 64,
                    rule self == '' || (self != '0.0.0.0' && self.matches('^(::ffff:)?<dotted>$'))
              spec.nodeSelectors[]: LabelSelector
              spec.password: string, length <= 80
              spec.passwordSecret: object, map-type atomic
              spec.passwordSecret.name: string
              spec.passwordSecret.namespace: string
              spec.bfdProfile: string
              spec.enableGracefulRestart: boolean, rule self == oldSelf
              spec.ebgpMultiHop: boolean
              spec.vrf: string
              spec.disableMP: boolean, default false
              spec.dualStackAddressFamily: boolean, default false
              status: object
            """,
        ["BFDProfile"] = """
            BFDProfile v1beta1 (storage)
              | Passive Mode | boolean .spec.passiveMode
              | Transmit Interval | integer .spec.transmitInterval
              | Receive Interval | integer .spec.receiveInterval
              | Multiplier | integer .spec.detectMultiplier
              spec: object
              spec.receiveInterval: integer, int32, >= 10, <= 60000
              spec.transmitInterval: integer, int32, >= 10, <= 60000
              spec.detectMultiplier: integer, int32, >= 2, <= 255
              spec.echoInterval: integer, int32, >= 10, <= 60000
              spec.echoMode: boolean
              spec.passiveMode: boolean
              spec.minimumTtl: integer, int32, >= 1, <= 254
              status: object
            """,
        ["Community"] = """
            Community v1beta1 (storage)
              spec: object
              spec.communities[]: object, items <= 10000, rule has(self.value)
              spec.communities[].name: string
              spec.communities[].value: string, length <= 40, rule self.matches(<community>)
              status: object
            """,
        ["ServiceL2Status"] = """
            ServiceL2Status v1beta1 (storage)
              | Allocated Node | string .status.node
              | Service Name | string .status.serviceName
              | Service Namespace | string .status.serviceNamespace
              spec: object
              status: object
              status.node: string, rule self == oldSelf
              status.serviceName: string, rule self == oldSelf
              status.serviceNamespace: string, rule self == oldSelf
              status.interfaces[]: object
              status.interfaces[].name: string
            """,
        ["ServiceBGPStatus"] = """
            ServiceBGPStatus v1beta1 (storage)
              | Node | string .status.node
              | Service Name | string .status.serviceName
              | Service Namespace | string .status.serviceNamespace
              spec: object
              status: object
              status.node: string, rule self == oldSelf
              status.serviceName: string, rule self == oldSelf
              status.serviceNamespace: string, rule self == oldSelf
              status.peers[]: string
            """,
        ["ConfigurationState"] = """
            ConfigurationState v1beta1 (storage)
              | Result | string .status.result
              | ErrorSummary | string .status.errorSummary
              | Age | date .metadata.creationTimestamp
              status: object
              status.result: string, one of Valid Invalid Unknown
              status.errorSummary: string
              status.conditions[]: object, list-type map by type
              status.conditions[].lastTransitionTime: string required, date-time
              status.conditions[].message: string required, length <= 32768
              status.conditions[].observedGeneration: integer, int64, >= 0
              status.conditions[].reason: string required, length >= 1, length <= 1024
              status.conditions[].status: string required, one of True False Unknown
              status.conditions[].type: string required, length <= 316
            """,
        ["SpeakerState"] = """
            SpeakerState v1alpha1 (storage)
              | Owned | integer .status.ownedAddressCount
              | Members | integer .status.livingMemberCount
              | Interfaces | string .status.usableInterfaces
              | Conflicts | string .status.conflicts[*].address
              | Sessions | string .status.sessions[*].state priority 1
              | Age | date .metadata.creationTimestamp
              status: object
              status.node: string
              status.ownedAddressCount: integer, >= 0
              status.ownedAddresses[]: string, items <= 1000, list-type atomic, length <= 45
              status.usableInterfaces: string
              status.interfaces[]: object, items <= 500, list-type map by name
              status.interfaces[].name: string required
              status.interfaces[].usable: boolean required
              status.interfaces[].usableForIPv6: boolean
              status.interfaces[].reason: string
              status.livingMemberCount: integer, >= 0
              status.members[]: object, items <= 500, list-type map by name
              status.members[].name: string required
              status.members[].state: string required, one of Alive Failed Left
              status.conflicts[]: object, items <= 500, list-type atomic
              status.conflicts[].address: string required
              status.conflicts[].interface: string required
              status.conflicts[].mac: string required
              status.sessions[]: object, items <= 500, list-type map by peer
              status.sessions[].peer: string required
              status.sessions[].state: string required
              status.sessions[].since: string, date-time
              status.sessions[].lastError: string
              status.sessions[].prefixesSent: integer, >= 0
              status.sessions[].bfdState: string
            """,
    };
}
