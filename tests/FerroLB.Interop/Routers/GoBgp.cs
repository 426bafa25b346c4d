using System.Linq;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>gobgpd.</summary>
internal sealed class GoBgp : BgpRouter
{
    public GoBgp(TestLan lan, BgpRouterSpec spec)
        : base(lan, spec)
    {
        var file = Write($"""
            [global.config]
              as = {spec.RouterAsn}
              router-id = "10.98.0.3"
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "{spec.Node}"
                peer-as = {spec.NodeAsn}
                {IfPassword($"auth-password = \"{spec.Password}\"")}
              [neighbors.transport.config]
                passive-mode = {(spec.IsPassive ? "true" : "false")}
              [neighbors.timers.config]
                hold-time = {spec.HoldSeconds}
                keepalive-interval = {spec.HoldSeconds / 3}
                idle-hold-time-after-reset = 1
              {If(spec.HasTtlSecurity, "[neighbors.ttl-security.config]\nenabled = true\nttl-min = 255")}
              {If(spec.Hops > 1, $"[neighbors.ebgp-multihop.config]\nenabled = true\nmultihop-ttl = {spec.Hops}")}
              {If(spec.KeepsRoutes, "[neighbors.graceful-restart.config]\nenabled = true\nrestart-time = 120")}
              {ForEachFamily(family => $"""
                  [[neighbors.afi-safis]]
                  [neighbors.afi-safis.config]
                    afi-safi-name = "{family}-unicast"
                  {If(spec.KeepsRoutes, "[neighbors.afi-safis.mp-graceful-restart.config]\nenabled = true")}
                  """)}
            """);
        Process = lan.Start(spec.Host, Name, "gobgpd", "-t", "toml", "-f", file, "--api-hosts", "127.0.0.1:50051", "--pprof-disable");
        lan.Until("gobgpd answers", () => lan.Try(spec.Host, "gobgp", "neighbor").ExitCode == 0);
    }

    public override string Routes() =>
        string.Concat(Spec.Families.Select(family => Lan.Try(Spec.Host, "gobgp", "global", "rib", "-a", family).Output));

    public override string Describe(string prefix) =>
        Lan.Try(Spec.Host, "gobgp", "global", "rib", prefix, "-a", Spec.Family).Output;

    public override string Session() => Lan.Try(Spec.Host, "gobgp", "neighbor", Spec.Node).Output + Lan.LogOf(Name);

    // It keeps what it was told and asks itself.
    public override bool AskAgain() => false;
}
