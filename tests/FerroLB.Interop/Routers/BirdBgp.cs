using System.Linq;
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
              neighbor {{spec.Node}} as {{spec.ExpectedAsn}};
              hold time {{spec.HoldSeconds}};
              connect retry time 2; connect delay time 1;
              {{If(spec.IsPassive, "passive on;")}}
              {{If(spec.TwoOctetAs, "enable as4 off;")}}
              {{If(spec.HasRole, "local role provider;")}}
              {{IfPassword($"password \"{spec.Password}\";")}}
              {{If(spec.HasTtlSecurity, "ttl security on;")}}
              {{If(spec.Hops > 1, $"multihop {spec.Hops};")}}
              {{string.Join('\n', spec.Families.Select(family =>
                  $"{family} {{ import all; export none; {If(spec.ExtendedNextHop, "extended next hop on;")} }};"))}}
            }
            """);

    public override string Routes() => _bird.Run("show", "route");

    public override string Describe(string prefix) => _bird.Run("show", "route", prefix, "all");

    public override string Session() => _bird.Run("show", "protocols", "all", "node");

    public override bool AskAgain() => _bird.Run("reload", "in", "node").Length > 0;

    public override void Signal(string name) => Signal(_bird.Process.Id, name);

    public override void Dispose()
    {
        _bird.Dispose();
        base.Dispose();
    }
}
