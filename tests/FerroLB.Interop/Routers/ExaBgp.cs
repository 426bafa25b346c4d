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
              peer-as {{spec.NodeAsn}};
              hold-time {{spec.HoldSeconds}};
              {{(spec.IsPassive ? "passive; listen 179;" : "")}}
              {{IfPassword($"md5-password '{spec.Password}'; md5-base64 false;")}}
              family { {{(spec.IsIPv6 ? "ipv6" : "ipv4")}} unicast; }
            }
            """);
        Process = lan.Start(
            spec.Host, Name, "env", "exabgp.daemon.user=root", "exabgp.log.all=true", "exabgp.log.destination=stdout",
            "exabgp.log.level=DEBUG", $"exabgp.tcp.bind={(spec.IsPassive ? spec.Router : "")}", "exabgp", file);
        lan.Until("ExaBGP runs", () => lan.LogOf(Name).Contains("reactor", System.StringComparison.Ordinal));
    }

    public override string Routes() => Lan.LogOf(Name);
}
