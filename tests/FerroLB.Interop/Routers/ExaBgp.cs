using System;
using System.Linq;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>ExaBGP; it keeps no table, so its log of received routes stands for it.</summary>
internal sealed class ExaBgp : BgpRouter
{
    public ExaBgp(TestLan lan, BgpRouterSpec spec)
        : base(lan, spec)
    {
        var file = Write($$"""
            process keeper { run /usr/bin/sleep 86400; encoder text; }
            neighbor {{spec.Node}} {
              router-id 10.98.0.3;
              local-address {{spec.Router}};
              local-as {{spec.RouterAsn}};
              peer-as {{spec.ExpectedAsn}};
              hold-time {{spec.HoldSeconds}};
              {{If(spec.IsPassive, "passive; listen 179;")}}
              {{IfPassword($"md5-password '{spec.Password}'; md5-base64 false;")}}
              {{If(spec.HasTtlSecurity, "outgoing-ttl 255; incoming-ttl 255;")}}
              family { {{ForEachFamily(family => $"{family} unicast;")}} {{If(spec.ExtendedNextHop, "ipv6 unicast;")}} }
              {{If(spec.TwoOctetAs, "capability { asn4 disable; }")}}
              {{If(spec.ExtendedNextHop, "capability { nexthop enable; }")}}
              {{If(spec.ExtendedNextHop, "nexthop { ipv4 unicast ipv6; }")}}
            }
            """);
        Process = lan.Start(
            spec.Host, Name, "env", "exabgp.daemon.user=root", "exabgp.log.all=true", "exabgp.log.destination=stdout",
            "exabgp.log.level=DEBUG", "exabgp.log.packets=false", "exabgp.log.timers=false",
            $"exabgp.tcp.bind={(spec.IsPassive ? spec.Router : "")}", "exabgp", file);
        lan.Until("ExaBGP runs", () => lan.LogOf(Name).Contains("reactor", StringComparison.Ordinal));
    }

    public override string Routes() => Lan.LogOf(Name);

    public override string Describe(string prefix) => string.Join('\n', Lan.LogOf(Name).Split('\n').Where(line =>
        line.Contains("decoded UPDATE", StringComparison.Ordinal) && line.Contains(prefix, StringComparison.Ordinal)));

    public override string Session() => Lan.LogOf(Name);

    public override bool AskAgain() => false;
}
