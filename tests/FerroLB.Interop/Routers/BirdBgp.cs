using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>BIRD with one BGP protocol.</summary>
internal sealed class BirdBgp : BgpRouter
{
    private readonly BirdRouter _bird;

    public BirdBgp(TestLan lan, BgpRouterSpec spec)
        : base(lan, spec) => _bird = new(lan, spec.Host, $$"""
            router id 10.98.0.3;
            protocol device { }
            protocol bgp node {
              local {{spec.Router}} as {{spec.RouterAsn}};
              neighbor {{spec.Node}} as {{spec.NodeAsn}};
              hold time {{spec.HoldSeconds}};
              connect retry time 2; connect delay time 1;
              {{(spec.IsPassive ? "passive on;" : "")}}
              {{IfPassword($"password \"{spec.Password}\";")}}
              {{(spec.IsIPv6 ? "ipv6" : "ipv4")}} { import all; export none; };
            }
            """);

    public override string Routes() => _bird.Run("show", "route");

    public override void Dispose()
    {
        _bird.Dispose();
        base.Dispose();
    }
}
