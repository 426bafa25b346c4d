using System.CommandLine;
using FerroLB.Core.Nodes;

namespace FerroLB.App.Commands;

/// <summary>What the controller is told about its webhooks.</summary>
/// <param name="IsServing">Whether webhooks are served at all.</param>
/// <param name="IsOnly">Whether nothing else is done.</param>
/// <param name="Port">The port.</param>
/// <param name="IsHttp2">Whether HTTP/2 is spoken beside HTTP/1.1.</param>
/// <param name="Directory">Where the certificate is when somebody else keeps it; null when the controller does.</param>
/// <param name="Names">The names of the objects that hold and believe the certificates.</param>
internal sealed record WebhookSettings(bool IsServing, bool IsOnly, int Port, bool IsHttp2, string? Directory, CertificateOptions Names)
{
    /// <summary>Where the controller keeps the certificates; null when it does not.</summary>
    public CertificateOptions? Certificates => IsServing && Directory is null ? Names : null;
}

/// <summary>The controller's flags about webhooks.</summary>
internal sealed class WebhookFlags
{
    private readonly Option<string> _mode = Flags.Text(
        "--webhook-mode", null, "enabled",
        "enabled: serve the webhooks that check objects before they are stored, beside assigning addresses. disabled: do not, so " +
        "BGPPeers of v1beta1 cannot be converted. onlywebhook: do nothing else.");

    private readonly Option<int> _port = Flags.Port("--webhook-port", 9443, "Port of the webhooks, over HTTPS.");

    private readonly Option<bool> _isHttp2 = Flags.Switch("--webhook-http2", "Serve webhooks over HTTP/2 too.");

    private readonly Option<bool> _isRotationDisabled = Flags.Switch(
        "--disable-cert-rotation",
        "Take the webhooks' certificate from --cert-dir and write no caBundle: somebody else, such as cert-manager, looks after both.");

    private readonly Option<string> _directory = Flags.Text(
        "--cert-dir", null, "/tmp/k8s-webhook-server/serving-certs",
        "Directory with tls.crt and tls.key, read again when they change; only with --disable-cert-rotation, otherwise they are read " +
        "from the Secret itself.");

    private readonly Option<string> _secret = Flags.Text(
        "--webhook-secret", null, "metallb-webhook-cert", "Secret that keeps the webhooks' certificates; made when it is absent.");

    private readonly Option<string> _service = Flags.Text(
        "--cert-service-name", null, "metallb-webhook-service", "Service through which the API server calls; the certificate names it.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_mode, _port, _isHttp2, _isRotationDisabled, _directory, _secret, _service])
            command.Options.Add(option);
    }

    /// <summary>Reads the flags.</summary>
    /// <exception cref="StartException">The mode is none.</exception>
    public WebhookSettings Read(ParseResult arguments, string ns)
    {
        var mode = arguments.GetValue(_mode)!;
        if (mode is not ("enabled" or "disabled" or "onlywebhook"))
            throw new StartException(1, $"--webhook-mode is \"{mode}\"; it takes enabled, disabled or onlywebhook.");
        var port = arguments.GetValue(_port);
        if (port == 0 && mode != "disabled")
            throw new StartException(1, "--webhook-port is 0; name a port, or serve no webhooks with --webhook-mode=disabled.");
        var names = new CertificateOptions(ns)
        {
            SecretName = arguments.GetValue(_secret)!,
            ServiceName = arguments.GetValue(_service)!,
        };
        var directory = arguments.GetValue(_isRotationDisabled) ? arguments.GetValue(_directory) : null;
        return new(mode != "disabled", mode == "onlywebhook", port, arguments.GetValue(_isHttp2), directory, names);
    }
}
