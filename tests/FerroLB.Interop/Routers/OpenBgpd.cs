using System;
using System.IO;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>bgpd of OpenBSD.</summary>
internal sealed class OpenBgpd : BgpRouter
{
    private readonly string _socket;

    public OpenBgpd(TestLan lan, BgpRouterSpec spec)
        : base(lan, spec)
    {
        _socket = Path.Combine(lan.Directory, Name + ".sock");
        var file = Write($$"""
            AS {{spec.RouterAsn}}
            router-id 10.98.0.3
            listen on {{spec.Router}}
            holdtime min 3
            socket "{{_socket}}"
            fib-update no
            neighbor {{spec.Node}} {
              remote-as {{spec.NodeAsn}}
              holdtime {{spec.HoldSeconds}}
              {{If(spec.IsPassive, "passive")}}
              {{If(spec.TwoOctetAs, "announce as-4byte no")}}
              {{If(spec.HasRole, "announce policy provider")}}
              {{IfPassword($"tcp md5sig password \"{spec.Password}\"")}}
              {{If(spec.HasTtlSecurity, "ttl-security yes")}}
              {{If(spec.Hops > 1, $"multihop {spec.Hops}")}}
              {{ForEachFamily(family => $"announce {family.Replace("ip", "IP", StringComparison.Ordinal)} unicast")}}
            }
            allow from any
            """);
        // systemd would make the directory that the daemon confines its processes to.
        Directory.CreateDirectory("/run/openbgpd");
        Process = lan.Start(spec.Host, Name, "/usr/sbin/bgpd", "-d", "-f", file);
        lan.Until("OpenBGPD answers", () => lan.Try(spec.Host, "bgpctl", "-s", _socket, "show").ExitCode == 0);
    }

    public override string Routes() => Lan.Try(Spec.Host, "bgpctl", "-s", _socket, "show", "rib").Output;

    public override string Describe(string prefix) => Control("show", "rib", "detail", prefix);

    public override string Session() => Control("show", "neighbor", Spec.Node);

    public override bool AskAgain() => Control("neighbor", Spec.Node, "refresh").Length > 0;

    private string Control(params string[] words) => Lan.Try(Spec.Host, "bgpctl", ["-s", _socket, .. words]).Output;
}
