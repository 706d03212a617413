import Foundation

/// Keys as OpenSSL 3.0 wrote them; nobody uses them.
///
/// The password of the encrypted ones is `letmein`.
enum KeyFiles {
    static let ec = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeuNR6W5xoXxrdKJS
        T8NGeq0hCpz28K+LpbhanN8B4zehRANCAAQ3ceRk3gEXOCSUIt20kgffFX44QMjx
        h8pIq40ph/3D8diT5p/LWccuVZtGismRpTnJ1fyoWdD5QRiyfaZ7pQQi
        -----END PRIVATE KEY-----
        """.utf8)

    static let ecSEC1 = Array(
        """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIHrjUelucaF8a3SiUk/DRnqtIQqc9vCvi6W4WpzfAeM3oAoGCCqGSM49
        AwEHoUQDQgAEN3HkZN4BFzgklCLdtJIH3xV+OEDI8YfKSKuNKYf9w/HYk+afy1nH
        LlWbRorJkaU5ydX8qFnQ+UEYsn2me6UEIg==
        -----END EC PRIVATE KEY-----
        """.utf8)

    static let ecEncrypted = Array(
        """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjOZvAAsIYPvAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECpJ0RZgN6B7dLe4vizRwN8EgZD1
        KbHHkYDAWJnxIJrlgQ5tNrrGvHmQaHAc5gk15ziMKkxz5Z/08x2cFOnsBOQKAEL4
        Hpg3DyQNgNLIkgUy8abismoO2zeMG479x6Sf/MxWy/gnvxfiGaReUIZj9qQcW0YE
        1Tq5URKygG5uSj0myL2gLnifpoJX0jOqPIZS2AMmzh887U4RqmpgiifAgRomNi0=
        -----END ENCRYPTED PRIVATE KEY-----
        """.utf8)

    static let ecPublic = Array(
        """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEN3HkZN4BFzgklCLdtJIH3xV+OEDI
        8YfKSKuNKYf9w/HYk+afy1nHLlWbRorJkaU5ydX8qFnQ+UEYsn2me6UEIg==
        -----END PUBLIC KEY-----
        """.utf8)

    static let certificate = Array(
        """
        -----BEGIN CERTIFICATE-----
        MIIBbzCCARWgAwIBAgIUDl+glfcfY6r1eLnDWIoXdoN0hVgwCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBdDAgFw0yNjExMjExMTEyMTNaGA8yMTI2MTAyODExMTIxM1ow
        DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDdx5GTeARc4
        JJQi3bSSB98VfjhAyPGHykirjSmH/cPx2JPmn8tZxy5Vm0aKyZGlOcnV/KhZ0PlB
        GLJ9pnulBCKjUzBRMB0GA1UdDgQWBBSSfjZA/+j+Re/aimr0Xvwn8n694zAfBgNV
        HSMEGDAWgBSSfjZA/+j+Re/aimr0Xvwn8n694zAPBgNVHRMBAf8EBTADAQH/MAoG
        CCqGSM49BAMCA0gAMEUCIQCImQJjc77d5gMzqewPU9ePIXs0QbBmhaq4DsBKwKqW
        tAIgSFElQ1bd9b6vm1/Dn4YSsHnhDdHUf9otTxRlhW2Mzgs=
        -----END CERTIFICATE-----
        """.utf8)

    static let rsa = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCbNY8PdOuJ4ELH
        ILWKMYAE8sKVy3Z/aXyblU+UpmyYfaAqd4dRWlDrO/bCyTnGmNsXaXA8ACaQlWBh
        XVtdtKisL40449hUUX83uszQ4QSKmezMjoug85p2PCHrZyyCTZF+dQN2jiuAqONa
        zkDIQaaZWYt0H4nlvqOKzojw2+givWBfIFZOX86qiL1UQnuKWnLLEI5zXM+BHJ6W
        eTZJWhhgw1COqsOIqP+algDXKLy8C342/rAyVV+wg1DI0P7iOwAxQtjcPoYVz1ET
        BhVa2SVQdiv2ixMG4ua3l2QFl5pL8rXCwsyPu3y506B4UVhUTt1wxs/KLIXrF434
        dS69KIUvAgMBAAECggEAGJeT408TQvVVn1d/bDYLor0UN8fVLrr4E27E/TihXEgL
        aK8nsawtxhfqMVLQ5LazgDIkpl0fvyjr7IFuSJqnXyDpr2nqjPGcxqfCbBY7MfrR
        mle7p/TxNGqytSnT05GWzAKeWdqM6gXYgDrN6Oz+CK43el7E6rIaF5RB/mfZkCdS
        N2LCYG+FU3wWiw/5n91W5ztxdrc2JfMitddglJTjvu69GaZo3K+1s2BQMEH58z9D
        0NH5XWFlLzYQcD6fRQEW9H7H+fugzplv09DW5wiun5YrU6qoA6SiSrIi445f0Fx3
        5d0rWS4QKM4LETrQdoMu+YpRmy5Kp7/3eJ4bg8NtgQKBgQDO/b8782UOYlVJyCgd
        IfH0HphedHSZ49doaz1TWn5IB4vHvpsSHq3YN3xnFFiCReu7v1JlKFiJ58VZhdD4
        i5yGdSfourJ+WTwmt3KX9AZha51MrpLm0IPo6dehk+VkpSAqBr3esRY1MRi3oooX
        jB4oyaKBWFbEfFi8+GCeHi+aWwKBgQC/9S0wXbGin7wUTs1Vu9xMEi412/s4cgvN
        auL56TOSUz0nkguvwoWMSn7jHXv1Tamk4aNdMyPSnRMtJXB0sh+Pr7xbNMlMg4Vl
        /OQWplcpdX5F/aotcAs4l/6JgKd57FZ75hnOKC0irj9ZqqNQ6/7ei7II4qar+7Kb
        iZtdsL+wvQKBgQC4vYh8fVNobyMn4tjKh41nEBd11gJrhwquS2hEiLPEndeHwvqs
        RW1rWLpTVblZLAalXrCvUD8VdiKRL/m+mvxslQu1j0vXsNUayQghzs4TDPUrh3Pd
        RaU1r9+gelt2ZFo8qB+2Ld9gQh2JaCxPr+MLDEtZnfpzC3g30IaLGO3rmQKBgAFP
        678o5M33yZFZ+I1de2QJu8ciedUo8mu1D1gl//RAHWrn1Kye58rNt5BV40MKBN7b
        rAI3F0eZS0hDuUES9qREz0TQV4/uVjscP3LoMDBYXUSdN0yYN3trjpHiD0MGGpE+
        QW7nV2elSUmToQosktFyowTsh7clQVNO3YEGdEkBAoGASp+6BhXalvHygJ9WCg7F
        x1Jp3AhJiJGzOqVt1+5vgnDSwYae3/SlKOrGIfsn8oLtaK5m/M7AJfoX054TLfN0
        3t58KPrc41NeCB2NB0mKV9mLGzbbxcGNjgkT/b+6zQshSKFdpERVFb7OnYMnKQjF
        zUht7fTEGlGTu6yxVVzyuYA=
        -----END PRIVATE KEY-----
        """.utf8)

    static let shortRSA = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMNoRj2SCosZP5Wt
        NIFH0ovkOaJjT2IB9Bvf1v7ogWodc7nL0h0C7tb4Dn97MSBzTXj5EaMV5rbMeXBs
        2KHc+W5LFuiL+kcyQQjvDX/QlLp+++Xy+dW4MSeCVpP3TEE6e2kmsHHhZf54b4Lu
        vHfSfla/ckdrF/jtD36FX3NPp/xrAgMBAAECgYBEhVskGgLydd8TGFJyBwJwpY4E
        QHjEsFSuNZbJejRvRnafLza1j6K65O8IiuVWMLh49DXYD0UA0sC+yJxKXhdklNOg
        1PsdBYVBRtvp1jAFRcCMFbXTfNYmto9GUeO5/kVDfrUdvRE/cESVI6mfxAw/8Svh
        KZF9DKMDUMxNIrL5eQJBAPjzo47Q4b5DVQ4jQjUgvvPkSFEaESkmRdI/DtKE4YSE
        D9kvRIijIKmuVUx2xsZ3/9wvULv++D/OIDMYRh50krUCQQDI8I31OEGtOTDJOuJF
        sMnrNQEBk2GQhzGeM6YmCX0p/mn6pv3Bkv5oWQHJGLR4cll00GZdb9ciu7cyDioj
        0iafAkEAhaPcoDT3ifiBN0asKvL6LtjUDV1t6uYVwyiAn3gfy9BM5azfIG5ZgV0J
        gzObvzz5x8xKjbDwuOfBF0ynj3/KpQJBAIyQ612+CwO43E4JKT0DXV1y6M9HYJsQ
        WD+JdhNp0+tKlKzJoP6Ha/1nNn6ND8Kqi7XSC6oVkPQ1SQR1MDl6y5UCQQCRMfyx
        RKDgdL19pSzYx1FdJdybzLIzeexa1xH2HhrINdEiOQNEReYCBAAAy7Hmk0tHcU3K
        rfDsiJBmOHnIQVjR
        -----END PRIVATE KEY-----
        """.utf8)

    static let x25519 = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VuBCIEILCrNpskinmPuR7uwY8AR8J/LzRr97OgTrUwVu/hLnNo
        -----END PRIVATE KEY-----
        """.utf8)

    static let ed25519 = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIHwiKQlVCGldTu/4AagRPKjHx9GVIpY61+ALo+YsjEz1
        -----END PRIVATE KEY-----
        """.utf8)

    static let otherCurve = Array(
        """
        -----BEGIN PRIVATE KEY-----
        MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgy4uT7lmUbe9/7umfZ2WP
        pZk3cALbs0qjVRqBOPaom1mhRANCAASDBX68WGJEfm18/fFUSIgQaeIypSbeb3W+
        P276TuRIkgy6hWx1PTCfghqzjwkiBoqLy0nrGSsQSNMNHyqibOz3
        -----END PRIVATE KEY-----
        """.utf8)

    static let ecDER = bytes(
        """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeuNR6W5xoXxrdKJST8NGeq0hCpz28K+LpbhanN8B4zehRANCAAQ3
        ceRk3gEXOCSUIt20kgffFX44QMjxh8pIq40ph/3D8diT5p/LWccuVZtGismRpTnJ1fyoWdD5QRiyfaZ7pQQi
        """)

    static let ecEncryptedDER = bytes(
        """
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjNVy4CsJi/PwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoE
        EO/TLpwQSLnpzqDqbfFC+ugEgZCGfU9/naBWMjD14Hm+uxuCXIYtXKyIxT1bU6vyFl/DwXshGuQga3+ZG/d0lUZ/rGUX9Mlln2PI
        wKSGrVM5AHXM2rdmuGewStGQVfEifzbZ4KNzfqx5+aQb2XbkVnzzcpch1YcaozUos6cOt9iLYRkgdWWg5xL8PsMOpx4s2vJU/fUm
        Spji+lxmhN8R7lTP3Bk=
        """)

    static let pkcs12 = bytes(
        """
        MIID/AIBAzCCA7IGCSqGSIb3DQEHAaCCA6MEggOfMIIDmzCCAlIGCSqGSIb3DQEHBqCCAkMwggI/AgEAMIICOAYJKoZIhvcNAQcB
        MFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhItJJg73i+sgICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPYD
        +gNrn1dBlt58938DaniAggHQBpHWZyhBN1H5lY71ehunqwdCtpZXnGybYzMz2dmTD5mIoTUeEKRaO1LSS7aonLvtnQIfVD1cx5kJ
        UK3M323UBT+APMVKI3APNSEZ9JKE+iKAsfzeHwXzzkfGyQOpONCT/rrPfTpHKD904V9MacmRBsyQRRy06WcfPhLeIrCFTPOeiyuV
        tER64rc3scyEt1IWXcB7UlFfS3cG57tuYPxqa0NKbOHX/pg9MbsTSFnpZNriXZ3C1Ck1afXpdE8wK5I0twoxLrJHSWewaf3NZa1Q
        heWcSZRE9vWIEiWJLAdpmdD71oDCU13e1ASSGr0f0XqXfg1edKoQr67CV7J3OJNmo7x8XH/KyLA+XT1GV593rCh8CyshB2VuL/8Z
        r2o8Kk4nceYtyj5UCBfIoEe9JfVMFmxrjaXtyrYmCXshLuoygVwXcV6+Aut633+zVOkNSPo+i1E7qDIJT3LaR2+cV742ov1ZK7J2
        Hon14qggJ8MCZSxTjj7F/IzG5RQ8AtC4QhDYhKynKiMIEM1pRgPRpd0VHqNBCSRkYioRLUafg1Opv4+fgAmB4z4iHTVyB+IrIVVA
        pCtvGvrJ0zzt61GG4n/V+gbs6AWj6jo3Fv4W9svi8OQwggFBBgkqhkiG9w0BBwGgggEyBIIBLjCCASowggEmBgsqhkiG9w0BDAoB
        AqCB7zCB7DBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIKo4nIkP/PioCAggAMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUD
        BAEqBBAMd4FRll1mlH1TH3Mfg1P8BIGQZrXWxtDSFJvmDqfojfc4naOrK2UWOQ9MpLzuDPJ/D6AKhrb75od7uw1WON396Dwue2uB
        CEt4IiIn4X1phl2gtjoXItz8QPWAzWYcTKKhk8RUZEbcE6yc4oWS1ztoyzPfcDGQjsjFPyyynAiytIzwc4qsl2SJeEiAFHaLPj0I
        cJnRLHL+uJXBqmiFVuDUjDgnMSUwIwYJKoZIhvcNAQkVMRYEFGMRtR1mgK0bFBYm5wG/clxEiU15MEEwMTANBglghkgBZQMEAgEF
        AAQg5Wb8Axs11RVpF6k3c7+wzU+8Mp4A30/txnhS9PB29CYECLW/wmuaG0VsAgIIAA==
        """)

    static let oldPKCS12 = bytes(
        """
        MIIDcgIBAzCCAzgGCSqGSIb3DQEHAaCCAykEggMlMIIDITCCAhcGCSqGSIb3DQEHBqCCAggwggIEAgEAMIIB/QYJKoZIhvcNAQcB
        MBwGCiqGSIb3DQEMAQYwDgQIZjuwd1P+7sICAggAgIIB0C9Mbagqfm6rAdS7eVspKKrLCZ+8H3JTCA0GJD5IiHAA0GAY6FsVvds0
        LAUDX6mSBMdMs+B+ihijF1uidFfPfYX3DaQX07WiW1vae583Iqs2refgpZrwAyEAI0q56or4+elGE/LEWdA57KFryRWMkXX508p2
        cFC7UXs55X7fOc1PgeHIqokUvPfe3NYZz66KZ1OnMspeQYbExzEfdnij1n8eps/N8ng3WB1CPZgxeA8puTRmLWLh+OFjZvfqAaeG
        b8verZY6FEUCUFZiGMoA78D0PoGF+2plnCxkZ9vEu5D1LyxISPg8zhJS720iUGi8XJWrs4Yia13iAH7qxBWlnwvGbA1ipqKp/Q37
        +2ssW/5geK/Wn+3xIhwWyiEnYGjYmENldtqyBpLP/voeZCVYsMQ8WUv+TM/a+y8vXjyg4YhHBNnqkVrijVO/FZss5HF/LdNJFmu3
        ykom/RxuVNweM/XZXbijyedkYFeItUK7Cdg3jFH9GHOaoI1XSecHXNa5Okjf5A4hDfv86WOARTqknhSgp6vtXUphaXWz6n6HS8Dc
        61zHPC81Y7O+d12ZRS++cMAEfNqN7jGsRX7F5UNoTyj6hFYMB3avpjieQ2ZTeqDbMIIBAgYJKoZIhvcNAQcBoIH0BIHxMIHuMIHr
        BgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECEvgNhQFoK+lAgIIAASBkCc+CIOXE4sZEIc2FobRgylQ7OUsBesw
        H2FYbbdLeLSH+SA3hNJ2fZNesytCGM1O141AJX0GehtUktaqPRAbdxMBvkZcJFQRSyRUWB6JatuVocfKBRHKBXOz5yO4gPo9P6gi
        mSSGhQqsQSXvseWa43zRpnE6YXTVU5Lx8Zxbi2NmnkRoS8B5oAW0FutXI4Xb7TElMCMGCSqGSIb3DQEJFTEWBBRjEbUdZoCtGxQW
        JucBv3JcRIlNeTAxMCEwCQYFKw4DAhoFAAQUbBy7b9SO+UFxOC47skMNuzLO0OsECAOngqK8baLfAgIIAA==
        """)

    static let certificatePKCS12 = bytes(
        """
        MIIClwIBAzCCAk0GCSqGSIb3DQEHAaCCAj4EggI6MIICNjCCAjIGCSqGSIb3DQEHBqCCAiMwggIfAgEAMIICGAYJKoZIhvcNAQcB
        MFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhydVg808SUnwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELCm
        R6jA8fymgiGQWhHod8SAggGwS6StuCfAKrLau4xORm6mDhdDZk3mhpSU8fOcKqZyR0dq3SWS0hSGxavFqMPIebacyyzdAvO+YUpM
        suxRmoNQRMPAyS6+EIr6dcGuUFwQ6cRG4Cf5SqfBhfxxcBUwBioFvMYQwqYaJ7zhv+kqKBoGdaSISQy/86rb56as1SQXVRQMgV4Y
        NA3lQHDd0nEJuD7tb1j1gFPhydpRFLKSxVjGurmBKDw+gxSh3CN/GNq9i/0yXXP66y+/BOiyiO7wy/+AFSettplYjdn+Cb9tgdxa
        oJW/11PiPOw+gK61Zs4gEiWGo//v8rE9tFRCCfpdP036WR9n/coy5794bFJQIx/tl2WU8sjHjtBDH6uh1cdBUqG5RJuZ3D3D0Svn
        oyCBq8OJ8qtLLgTfo5DQDl3Pg8XyjCpw8QxiAPfg2VX1ikSGp/ZBgHqHdGVWkMuRQc0cSUTUdrtV+bUK94Z6C3rAX0KhoPyXeeRl
        CPmINilV3zO1RY3oyUOCfJVgFNSonWowh5m/kW5KhmACxgwqYbd/jyHWqYYIwF9zmjUc/WBays4nHRavwitwUDus+ULbI0Btg7Kr
        MEEwMTANBglghkgBZQMEAgEFAAQgBn22RZ5aFjqdb89sUsaoRBKnIdKcQo0N/hojRkCVjFsECLSTLPe6M/BaAgIIAA==
        """)

    private static func bytes(_ text: String) -> [UInt8] {
        Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    }
}
